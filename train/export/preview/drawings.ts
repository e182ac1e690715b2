/**
 * Drawings: up to three rectangles and ellipses on a ground, all in flat colours, as often as not at the corners of RGB.
 * Photographs have no such colours, but logos do; symbols' distributions that never saw them would not reach them.
 */
import { type ImageShape, sampleCount } from '../../../shared/manifest.ts'
import { purpose, Random } from '../../random.ts'

const MOST_SHAPES = 3
/** How often a channel is at an end of its range. */
const AT_END = 0.5
const SEED = 1

/** 8-bit samples, the same ones in every run. */
export function drawings(count: number, shape: ImageShape): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => drawingOf(shape, new Random(SEED, purpose.draw, i)))
}

function drawingOf(size: ImageShape, random: Random): Uint8Array {
  const image = new Uint8Array(sampleCount(size))
  paint(image, size, random, () => true)
  for (let shapes = random.integer(MOST_SHAPES + 1); shapes > 0; shapes--) {
    const [x, y] = [random.uniform() * size.width, random.uniform() * size.height]
    const [across, down] = [half(size.width, random), half(size.height, random)]
    const isEllipse = random.uniform() < 0.5
    paint(image, size, random, (column, row) => {
      const [a, b] = [(column + 0.5 - x) / across, (row + 0.5 - y) / down]
      return isEllipse ? a * a + b * b < 1 : Math.abs(a) < 1 && Math.abs(b) < 1
    })
  }
  return image
}

/** Half of a shape's side: from a tenth to all of the picture's. */
const half = (side: number, random: Random) => ((0.1 + 0.9 * random.uniform()) * side) / 2

function paint(
  image: Uint8Array,
  { width, height, channels }: ImageShape,
  random: Random,
  isInside: (column: number, row: number) => boolean,
) {
  const colour = Array.from({ length: channels }, () =>
    random.uniform() < AT_END ? 255 * random.integer(2) : random.integer(256),
  )
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++)
      if (isInside(column, row)) image.set(colour, (row * width + column) * channels)
}
