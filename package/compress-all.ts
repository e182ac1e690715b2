/** Compresses many images on all cores. */
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { runPool } from '../node/pool.ts'
import { type CompressSetup, settled } from './settled.ts'
import type { BatchOptions, CompressedImage, CompressOptions, ImageInput } from './types.ts'

/** With fewer images per thread, starting threads costs more than it saves. */
const IMAGES_PER_WORKER = 8

/** Results are in the images' order. An image that fails is a rejected result; the others continue. */
export async function compressAll(
  images: Iterable<ImageInput>,
  { workers = availableParallelism(), onResult, ...options }: BatchOptions = {},
): Promise<PromiseSettledResult<CompressedImage>[]> {
  const tasks = [...images]
  const results: PromiseSettledResult<CompressedImage>[] = new Array(tasks.length)
  const take = (result: PromiseSettledResult<CompressedImage>, index: number) => {
    results[index] = result
    onResult?.(result, index)
  }
  const threads = Math.min(workers, Math.ceil(tasks.length / IMAGES_PER_WORKER))
  if (threads < 2) for (const [index, task] of tasks.entries()) take(await settled(task, options), index)
  else await runInThreads(tasks, options, threads, take)
  return results
}

const runInThreads = (
  tasks: ImageInput[],
  options: CompressOptions,
  workers: number,
  onResult: (result: PromiseSettledResult<CompressedImage>, index: number) => void,
) =>
  runPool<ImageInput, PromiseSettledResult<CompressedImage>>({
    module: new URL('./compress-worker.ts', import.meta.url),
    setup: { options } satisfies CompressSetup,
    tasks: tasks.map((task) => (task instanceof URL ? fileURLToPath(task) : task)), // postMessage cannot pass a URL
    workers,
    here: (task) => settled(task, options),
    onResult,
  })
