/** A worker thread of compressAll. */
import { serveTasks } from '../node/pool.ts'
import { type CompressSetup, settled } from './settled.ts'
import type { ImageInput } from './types.ts'

await serveTasks(
  async ({ options }: CompressSetup) =>
    (image: ImageInput) =>
      settled(image, options),
)
