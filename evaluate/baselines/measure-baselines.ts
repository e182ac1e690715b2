import { runPool } from '../../node/pool.ts'
import { startProgress } from '../../node/terminal/progress.ts'
import type { TestSet } from '../data-set.ts'
import type { ImageRecord } from '../image-record.ts'
import { BASELINES } from './list.ts'
import type { BaselineSetup, BaselineTask } from './worker.ts'

const IMAGES_PER_TASK = 20

/** Sends the given images of a set through every baseline at each of its settings, on all cores. */
export async function measureBaselines(
  set: TestSet,
  indices: number[],
  workers?: number,
): Promise<ImageRecord[]> {
  const chunks = Array.from({ length: Math.ceil(indices.length / IMAGES_PER_TASK) }, (_, i) =>
    indices.slice(i * IMAGES_PER_TASK, (i + 1) * IMAGES_PER_TASK),
  )
  const tasks = BASELINES.flatMap(({ codec }) =>
    chunks.map((chunk): BaselineTask => ({ codec, indices: chunk })),
  )
  const results: ImageRecord[][] = tasks.map(() => [])
  const progress = startProgress('baselines', indices.length * BASELINES.length)
  const setup: BaselineSetup = { samples: set.samples, shape: set.shape, names: set.names }
  await runPool<BaselineTask, ImageRecord[]>({
    module: new URL('./worker.ts', import.meta.url),
    setup,
    tasks,
    workers,
    onResult: (records, index) => {
      results[index] = records
      progress.advance(tasks[index].indices.length)
    },
  })
  progress.stop()
  return results.flat()
}
