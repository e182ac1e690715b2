import { readBytes } from '../node/atomic-write.ts'
import { isImageExtension } from '../node/image-type.ts'
import { listFiles } from '../node/list-files.ts'
import { openImage } from '../node/open-image.ts'
import { startProgress } from '../node/terminal/progress.ts'
import type { ImageShape } from '../shared/manifest.ts'

/** All images below a folder, squashed to a shape as in the service. An unreadable image ends the run. */
export async function readFolder(folder: string, shape: ImageShape) {
  const files = await listFiles(folder, isImageExtension)
  const names: string[] = []
  const images: Uint8Array[] = []
  const originals: { width: number; height: number }[] = []
  const progress = startProgress('reading', files.length)
  for (const { input, relative } of files) {
    const { samples, width, height } = await readImage(input, shape)
    names.push(relative)
    images.push(samples)
    originals.push({ width, height })
    progress.advance()
  }
  progress.stop()
  if (images.length === 0) throw new Error(`${folder}: no images`)
  return { names, images, originals }
}

async function readImage(file: string, shape: ImageShape) {
  try {
    const image = await openImage(await readBytes(file))
    if (!image) throw new Error('not a known image format')
    const { width, height } = image.shape
    return { samples: await image.samplesAs(shape), width, height }
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`, { cause: error })
  }
}
