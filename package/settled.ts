/** The step of compressAll that is the same in worker threads and in the caller's own thread. */
import { compressOne } from './compress-one.ts'
import type { CompressedImage, CompressOptions, ImageInput } from './types.ts'

export interface CompressSetup {
  options: CompressOptions
}

export async function settled(
  image: ImageInput,
  options: CompressOptions,
): Promise<PromiseSettledResult<CompressedImage>> {
  const [result] = await Promise.allSettled([compressOne(image, options)])
  return result!
}
