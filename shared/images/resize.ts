/**
 * How every image is brought to a model's size, in the service, the CLI and the page: squashed by area average, each
 * side on its own (the image's own aspect ratio is not kept; the code carries it).
 *
 * Averages are taken over the sample values as stored (gamma-coded sRGB), not in linear light, because the models learn
 * from thumbnails made that way; because browsers shrink pictures that way, so a preview matches the picture it stands
 * for; because samples of forms, digits or sensors are not light; and because a JPEG's blocks can then be averaged
 * exactly without decoding them. RGB becomes grey by the luma of ITU-R BT.601 (the Y of JPEG), which leaves R = G = B
 * exactly as it was; grey becomes RGB by repeating it.
 *
 * Overlaps are counted in integers (an image pixel is as many units wide as the target has columns), so sums are exact
 * in doubles: the result does not depend on the order of rows or on the machine.
 */
import type { ImageShape } from '../manifest.ts'

export interface Size {
  width: number
  height: number
}

/** Which target columns the cells of a row overlap, and by how much. */
export interface Columns {
  /** For each target column the first and last cell that overlap it; last < first if none does. */
  first: Int32Array
  last: Int32Array
  firstOverlap: Float64Array
  lastOverlap: Float64Array
  /** The overlap of a cell that is entirely inside a target column. */
  cellOverlap: number
}

interface Grid {
  start: number // position of the first cell's near edge, in image pixels
  step: number // from one cell to the next
  size: number // of a cell; the last cells of a JPEG reach beyond the image
  count: number
}

/** Averages an image into a small one, row by row. A row is a line of equal cells: pixels, or means over blocks of them. */
export class AreaAverage {
  private readonly sums: Float64Array // [height, width, channels]
  private readonly row: Float64Array // [width, channels]
  private readonly image: Size & { channels: 1 | 3 }
  private readonly target: Size

  constructor(image: Size & { channels: 1 | 3 }, target: Size) {
    this.image = image
    this.target = target
    this.row = new Float64Array(target.width * image.channels)
    this.sums = new Float64Array(target.height * this.row.length)
  }

  columns(grid: Grid): Columns {
    const { start, step, size, count } = grid
    const units = this.target.width // a pixel of the image is this wide, a target column image.width
    const plan: Columns = {
      first: new Int32Array(units),
      last: new Int32Array(units),
      firstOverlap: new Float64Array(units),
      lastOverlap: new Float64Array(units),
      cellOverlap: size * units,
    }
    const overlap = (cell: number, column: number): number => {
      const left = Math.max((start + cell * step) * units, column * this.image.width)
      const cellEnd = Math.min(start + cell * step + size, this.image.width) * units
      return Math.min(cellEnd, (column + 1) * this.image.width) - left
    }
    for (let column = 0; column < units; column++) {
      const from = (column * this.image.width) / units
      const to = ((column + 1) * this.image.width) / units
      let first = Math.max(0, Math.floor((from - start - size) / step) - 1)
      let last = Math.min(count - 1, Math.ceil((to - start) / step) + 1)
      while (first <= last && overlap(first, column) <= 0) first++
      while (last >= first && overlap(last, column) <= 0) last--
      plan.first[column] = first
      plan.last[column] = last
      if (first > last) continue
      plan.firstOverlap[column] = overlap(first, column)
      plan.lastOverlap[column] = overlap(last, column)
    }
    return plan
  }

  /** A row of cells whose upper edge is at `top` and whose lower edge is at `bottom`, in image pixels. */
  addRow(cells: Uint8Array, columns: Columns, top: number, bottom: number): void {
    if (this.image.channels === 1) this.averageGrey(cells, columns)
    else this.averageRgb(cells, columns)
    const units = this.target.height
    const end = Math.min(bottom, this.image.height) * units
    const { row, sums } = this
    for (let line = Math.floor((top * units) / this.image.height); line < units; line++) {
      const overlap =
        Math.min(end, (line + 1) * this.image.height) - Math.max(top * units, line * this.image.height)
      if (overlap <= 0) break
      for (let i = 0, at = line * row.length; i < row.length; i++, at++) sums[at] += row[i] * overlap
    }
  }

  private averageGrey(cells: Uint8Array, columns: Columns): void {
    const { first, last, firstOverlap, lastOverlap, cellOverlap } = columns
    for (let column = 0; column < first.length; column++) {
      const from = first[column]
      const to = last[column]
      let inside = 0
      for (let k = from + 1; k < to; k++) inside += cells[k]
      let sum = from <= to ? cells[from] * firstOverlap[column] : 0
      if (from < to) sum += inside * cellOverlap + cells[to] * lastOverlap[column]
      this.row[column] = sum
    }
  }

  private averageRgb(cells: Uint8Array, columns: Columns): void {
    const { first, last, firstOverlap, lastOverlap, cellOverlap } = columns
    for (let column = 0, at = 0; column < first.length; column++, at += 3) {
      const from = first[column]
      const to = last[column]
      let red = 0
      let green = 0
      let blue = 0
      for (let k = 3 * from + 3; k < 3 * to; k += 3) {
        red += cells[k]
        green += cells[k + 1]
        blue += cells[k + 2]
      }
      const near = from <= to ? firstOverlap[column] : 0
      const far = from < to ? lastOverlap[column] : 0
      const inside = from < to ? cellOverlap : 0
      const a = 3 * Math.min(from, to)
      const b = 3 * to
      this.row[at] = red * inside + (near && cells[a] * near) + (far && cells[b] * far)
      this.row[at + 1] = green * inside + (near && cells[a + 1] * near) + (far && cells[b + 1] * far)
      this.row[at + 2] = blue * inside + (near && cells[a + 2] * near) + (far && cells[b + 2] * far)
    }
  }

  /** [height, width, channels], not rounded */
  means(): Float64Array {
    const area = this.image.width * this.image.height
    return this.sums.map((sum) => sum / area)
  }

  /** [height, width, channels] */
  finish(): Uint8Array {
    const { sums } = this
    const area = this.image.width * this.image.height
    const samples = new Uint8Array(sums.length) // by Uint8Array.from() 100 ms and 40 MB more for a long code
    for (let i = 0; i < sums.length; i++) samples[i] = Math.floor(sums[i] / area + 0.5)
    return samples
  }
}

/** Samples of any size to a model's input. An image of exactly that size passes through untouched. */
export function areaAverage(
  samples: Uint8Array, // [height, width, channels]
  image: Size & { channels: 1 | 3 },
  shape: ImageShape,
): Uint8Array {
  const stride = image.width * image.channels
  const averaged = areaAverageRows(image, shape, (y, pixels) => {
    pixels.set(samples.subarray(y * stride, (y + 1) * stride))
  })
  return toChannels(averaged, image.channels, shape.channels)
}

/** The same for an image that is read row by row. readRow writes row y into pixels: [width, channels] */
export function areaAverageRows(
  image: Size & { channels: 1 | 3 },
  target: Size,
  readRow: (y: number, pixels: Uint8Array) => void,
): Uint8Array {
  const { width, height, channels } = image
  const stride = width * channels
  if (width === target.width && height === target.height) {
    const samples = new Uint8Array(height * stride)
    for (let y = 0; y < height; y++) readRow(y, samples.subarray(y * stride, (y + 1) * stride))
    return samples
  }
  const average = new AreaAverage(image, target)
  const columns = average.columns({ start: 0, step: 1, size: 1, count: width })
  const pixels = new Uint8Array(stride)
  for (let y = 0; y < height; y++) {
    readRow(y, pixels)
    average.addRow(pixels, columns, y, y + 1)
  }
  return average.finish()
}

/** Grey to RGB by repeating, RGB to grey by BT.601 luma, rounded: weights of 16 bits that sum to one. */
export function toChannels(samples: Uint8Array, from: 1 | 3, to: 1 | 3): Uint8Array {
  if (from === to) return samples
  const pixels = samples.length / from
  const result = new Uint8Array(pixels * to)
  for (let i = 0; i < pixels; i++) {
    if (to === 3) result.fill(samples[i], 3 * i, 3 * i + 3)
    else {
      const red = samples[3 * i]
      result[i] = (19595 * red + 38470 * samples[3 * i + 1] + 7471 * samples[3 * i + 2] + 32768) >> 16
    }
  }
  return result
}
