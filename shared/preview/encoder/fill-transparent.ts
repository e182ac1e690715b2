/**
 * The colours under transparent pixels. An image arrives on white, and under transparent pixels that white would cost
 * bits and show at the edges, since a preview is softer than its image. Colours spread from the opaque pixels replace
 * it.
 */

import type { Samples } from '../../images/samples.ts'

/** Below this opacity a colour is lost in rounding, and is replaced too. */
const LEAST_OPACITY = 32
const SWEEPS = 48

/** onWhite: 8-bit [height, width, 3]; alpha: 8-bit [height, width]. -> [height, width, 3] */
export function fillTransparent(
  onWhite: Uint8Array,
  alpha: Uint8Array,
  { width, height }: { width: number; height: number },
): Uint8Array {
  const colours = withoutWhite(onWhite, alpha)
  const gaps: { at: number; from: number[] }[] = []
  for (let at = 0; at < alpha.length; at++)
    if (alpha[at] < LEAST_OPACITY) gaps.push({ at, from: neighbours(at, width, height) })
  for (let sweep = 0; sweep < SWEEPS; sweep++) for (const { at, from } of gaps) spread(colours, at, from)
  return Uint8Array.from(colours, (value) => Math.max(0, Math.min(255, Math.round(value))))
}

/** The image's own colours; pixels too transparent to have one get the mean. */
function withoutWhite(onWhite: Uint8Array, alpha: Uint8Array): Float64Array {
  const colours = new Float64Array(onWhite.length)
  const total = alpha.reduce((sum, value) => sum + value, 0)
  for (let c = 0; c < 3; c++) {
    const shade = alpha.reduce((sum, _, i) => sum + 255 - onWhite[3 * i + c], 0)
    const mean = total === 0 ? 255 : 255 - (255 * shade) / total
    for (let i = 0; i < alpha.length; i++) {
      const shown = onWhite[3 * i + c]
      colours[3 * i + c] = alpha[i] < LEAST_OPACITY ? mean : 255 - (255 * (255 - shown)) / alpha[i]
    }
  }
  return colours
}

function spread(colours: Float64Array, to: number, from: number[]): void {
  for (let c = 0; c < 3; c++) {
    let sum = 0
    for (const each of from) sum += colours[3 * each + c]
    colours[3 * to + c] = sum / from.length
  }
}

function neighbours(i: number, width: number, height: number): number[] {
  const [x, y] = [i % width, Math.floor(i / width)]
  const all = []
  if (x > 0) all.push(i - 1)
  if (x + 1 < width) all.push(i + 1)
  if (y > 0) all.push(i - width)
  if (y + 1 < height) all.push(i + width)
  return all
}

/** What a preview is made from: colours, and the transparency if any is left at this size. `samples` are on white. */
export function previewInput(
  { samples, alpha }: Samples,
  size: { width: number; height: number },
): { samples: Uint8Array; alpha?: Uint8Array } {
  if (!alpha || alpha.every((opacity) => opacity === 255)) return { samples }
  return { samples: fillTransparent(samples, alpha, size), alpha }
}
