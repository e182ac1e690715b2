/** The images that the bench sends: MNIST's test digits, and pieces of the page's example photographs. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { encode as encodePng } from 'fast-png'
import sharp from 'sharp'
import { type ImageShape, sampleCount } from '../../shared/manifest.ts'
import { mnist } from '../../train/data/mnist.ts'

export const IMAGES = 64
const examples = join(import.meta.dirname, '..', '..', 'edge', 'page', 'examples')

/** 8-bit samples [h, w, c] of a model's shape. */
export async function benchImages(shape: ImageShape): Promise<Uint8Array[]> {
  const isDigits = shape.channels === 1 && shape.height === 28 && shape.width === 28
  return isDigits ? digits() : photographs(shape)
}

function digits(): Uint8Array[] {
  const { samples } = mnist('test')
  return Array.from({ length: IMAGES }, (_, i) => samples.slice(784 * i, 784 * (i + 1)))
}

/** Each photograph cut into 4 x 4 pieces. */
async function photographs({ height, width, channels }: ImageShape): Promise<Uint8Array[]> {
  const files = (await readdir(examples)).filter((file) => file.endsWith('.jpg')).sort()
  const pieces = files.flatMap((file) =>
    Array.from({ length: 16 }, (_, i) => ({ file, row: i >> 2, column: i & 3 })),
  )
  return Promise.all(
    pieces.slice(0, IMAGES).map(async ({ file, row, column }) => {
      const whole = sharp(join(examples, file))
        .resize(4 * width, 4 * height, { fit: 'fill' })
        .removeAlpha()
      const piece = whole.extract({ left: column * width, top: row * height, width, height })
      const { data } = await piece
        .toColourspace(channels === 1 ? 'b-w' : 'srgb')
        .raw()
        .toBuffer({ resolveWithObject: true })
      if (data.length !== sampleCount({ height, width, channels }))
        throw new Error(`${file}: got ${data.length} samples`)
      return new Uint8Array(data)
    }),
  )
}

export const toPng = (data: Uint8Array, { height, width, channels }: ImageShape) =>
  encodePng({ data, height, width, channels, depth: 8 })
