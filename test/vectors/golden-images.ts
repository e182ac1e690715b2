import { type ImageShape, sampleCount } from '../../shared/manifest.ts'
import { mnist } from '../../train/data/mnist.ts'
import { Random } from '../../train/random.ts'

/** Images that are there on every machine: digits where they fit, a gradient, a disc, stripes, and white noise. */
export function goldenImages(shape: ImageShape): Uint8Array[] {
  const { height, width, channels } = shape
  const draw = (value: (x: number, y: number, c: number) => number) =>
    Uint8Array.from({ length: sampleCount(shape) }, (_, i) => {
      const pixel = Math.floor(i / channels)
      return value(pixel % width, Math.floor(pixel / width), i % channels)
    })
  const random = new Random(64, 1)
  const drawn = [
    draw((x, y, c) => (x * 5 + y * 2 + c * 40) & 255),
    draw((x, y, c) => ((x - 14) ** 2 + (y - 12) ** 2 < 60 ? 230 - c * 60 : 40 + c * 30)),
    draw((x, y) => (((x >> 2) + (y >> 3)) & 1) * 255),
    draw(() => random.integer(256)),
  ]
  if (height !== 28 || width !== 28 || channels !== 1) return drawn
  const digits = mnist('test').samples
  return [...Array.from({ length: 6 }, (_, i) => digits.slice(i * 784, (i + 1) * 784)), ...drawn]
}
