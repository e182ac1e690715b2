import { readFile } from 'node:fs/promises'
import sharp from 'sharp'
import type { Picture } from '../../shared/grid/pictures.ts'

/** A photograph with this long side, in pixels. */
export async function readPicture(path: string, longSide: number): Promise<Picture> {
  const { data, info } = await sharp(await readFile(path))
    .removeAlpha()
    .toColourspace('srgb')
    .resize(longSide, longSide, { fit: 'inside' })
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, samples: new Uint8Array(data) }
}
