/** A worker thread that sends images through a baseline's settings. */
import { serveTasks } from '../../node/pool.ts'
import type { ImageShape } from '../../shared/manifest.ts'
import { imageOf } from '../data-set.ts'
import { type ImageRecord, recordOf } from '../image-record.ts'
import type { Baseline } from './baseline.ts'
import { BASELINES } from './list.ts'

export interface BaselineSetup {
  samples: Uint8Array
  shape: ImageShape
  names: string[]
}
export interface BaselineTask {
  codec: string
  indices: number[]
}

async function measure(baseline: Baseline, indices: number[], setup: BaselineSetup): Promise<ImageRecord[]> {
  const { shape, names } = setup
  const records: ImageRecord[] = []
  for (const { setting, code } of baseline.settings(shape))
    for (const index of indices) {
      const original = imageOf(setup, index)
      const { bytes, ...coded } = await code(original)
      const name = { image: names[index], codec: baseline.codec, setting }
      records.push(recordOf(name, original, { ...coded, bytes: { total: bytes } }, shape))
    }
  return records
}

await serveTasks(async (setup: BaselineSetup) => {
  const warm = new Set<string>()
  return async ({ codec, indices }: BaselineTask) => {
    const baseline = BASELINES.find((each) => each.codec === codec)!
    // A thread's first image pays for loading libraries and compiling code.
    if (!warm.has(codec)) await measure(baseline, [0], setup)
    warm.add(codec)
    return measure(baseline, indices, setup)
  }
})
