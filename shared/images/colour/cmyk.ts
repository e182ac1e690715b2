/**
 * CMYK without a profile, as libvips reads it: by its built-in profile of a common offset press, to which
 * scripts/images/cmyk-table.ts fits a table of 9 x 9 x 9 x 9 colours. Interpolating in the table is within half a level
 * of libvips on average. 2 % of all colours are off by more than two levels, nine in ten of them in a channel below 64:
 * there sRGB's curve is steepest, and the press's colours are clipped at the edge of sRGB, which the table cannot
 * follow.
 */
import { CMYK_TABLE } from './cmyk-table.ts'
import type { ColourTransform } from './colour-transform.ts'

const SIDE = 9
/** Along each axis; closer together in dark colours. */
export const CMYK_NODES = Array.from({ length: SIDE }, (_, i) => 255 * (i / (SIDE - 1)) ** 1.5)
/** For each value of an ink: the node below it, and the fraction of the way to the next node. */
const NODE_OF = new Uint8Array(256)
const FRACTION_OF = new Float64Array(256)
for (let value = 0, node = 0; value < 256; value++) {
  while (node < SIDE - 2 && value >= (CMYK_NODES[node + 1] ?? 0)) node++
  const [below = 0, above = 0] = CMYK_NODES.slice(node)
  NODE_OF[value] = node
  FRACTION_OF[value] = (value - below) / (above - below)
}
/** What the table's bytes 0 and 255 stand for. Beyond the range of samples, as colours between clamped ones need it. */
export const [LOWEST, HIGHEST] = [-48, 268]
/** Steps in the table along C, M, Y and K, the last being the fastest. */
const STRIDES = [3 * SIDE ** 3, 3 * SIDE ** 2, 3 * SIDE, 3]
const CORNERS = Array.from({ length: 16 }, (_, corner) => corner)

let table: Float32Array | undefined

/** Takes CMYK as JPEG files hold it: 255 is no ink, a convention of Adobe's that all programs now follow. */
export function cmykToSrgb(): ColourTransform {
  table ??= readTable()
  return { from: 4, to: 3, pixelWork: 16, convert: convertWith(table) }
}

/** Bytes are differences along K. */
function readTable(): Float32Array {
  const bytes = Uint8Array.from(atob(CMYK_TABLE), (letter) => letter.charCodeAt(0))
  for (let i = 0; i < bytes.length; i++) {
    if (i % (3 * SIDE) >= 3) bytes[i] = (bytes[i] ?? 0) + (bytes[i - 3] ?? 0)
  }
  return Float32Array.from(bytes, (byte) => LOWEST + (byte * (HIGHEST - LOWEST)) / 255)
}

function convertWith(values: Float32Array): ColourTransform['convert'] {
  const offsets = CORNERS.map((corner) =>
    STRIDES.reduce((sum, step, axis) => sum + ((corner >> axis) & 1) * step, 0),
  )
  const weights = new Float64Array(16)
  return (stored, pixels, count) => {
    for (let i = 0; i < count; i++) {
      let at = 0
      weights[0] = 1
      for (let axis = 0; axis < 4; axis++) {
        const value = stored[4 * i + axis] ?? 0
        at += (NODE_OF[value] ?? 0) * (STRIDES[axis] ?? 0)
        const upper = FRACTION_OF[value] ?? 0
        for (let corner = 0; corner < 1 << axis; corner++) {
          const weight = weights[corner] ?? 0
          weights[corner + (1 << axis)] = weight * upper
          weights[corner] = weight * (1 - upper)
        }
      }
      for (let c = 0; c < 3; c++) {
        let sum = 0.5
        for (let corner = 0; corner < 16; corner++) {
          sum += (weights[corner] ?? 0) * (values[at + (offsets[corner] ?? 0) + c] ?? 0)
        }
        pixels[3 * i + c] = Math.max(0, Math.min(255, sum))
      }
    }
  }
}
