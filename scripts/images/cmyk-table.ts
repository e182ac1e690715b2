/**
 * Fits shared/images/colour/cmyk-table.ts to sharp's (libvips's) conversion of CMYK without a profile. Takes a minute:
 *
 *     node scripts/images/cmyk-table.ts
 *
 * The table holds sRGB at 9 x 9 x 9 x 9 nodes along C, M, Y and K as in JPEG files (255: no ink), K being the fastest.
 * The nodes minimize the squared error of interpolation over random colours; if sharp clamps a colour, any value beyond
 * the clamp is as good. Along K the bytes are differences, which gzip better.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { CMYK_NODES, HIGHEST, LOWEST } from '../../shared/images/colour/cmyk.ts'
import { flatCmykJpeg } from './flat-cmyk-jpeg.ts'

const SIDE = CMYK_NODES.length
const NODE_COUNT = SIDE ** 4
const CORNERS = 16
const COLOURS = 250_000
const PER_IMAGE = 62_500
const [CLAMPING_ROUNDS, STEPS] = [5, 60]
const RIDGE = 1e-2 // for nodes that few colours touch

let seed = 64
/** mulberry32: 0 to 255. */
function randomLevel(): number {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return (t >>> 8) & 255
}

/** One in eight values is an extreme, since paper is white and text is black. */
const randomInk = (): number => {
  const kind = randomLevel()
  return kind < 16 ? 255 : kind < 32 ? 0 : randomLevel()
}

async function sharpRgb(inks: Uint8Array): Promise<Uint8Array> {
  const rgb = new Uint8Array((inks.length / 4) * 3)
  for (let from = 0; from < COLOURS; from += PER_IMAGE) {
    const { jpeg, across } = flatCmykJpeg(inks.subarray(4 * from, 4 * (from + PER_IMAGE)))
    const image = sharp(jpeg).toColourspace('srgb').raw()
    const { data, info } = await image.toBuffer({ resolveWithObject: true })
    for (let i = 0; i < PER_IMAGE; i++) {
      const [x, y] = [8 * (i % across) + 4, 8 * Math.floor(i / across) + 4]
      const at = 3 * (y * info.width + x)
      rgb.set(data.subarray(at, at + 3), 3 * (from + i))
    }
  }
  return rgb
}

/** For each colour the nodes around it and their weights. [COLOURS, 16] */
function interpolation(inks: Uint8Array): { nodes: Uint16Array; weights: Float32Array } {
  const nodes = new Uint16Array(COLOURS * CORNERS)
  const weights = new Float32Array(COLOURS * CORNERS)
  for (let i = 0; i < COLOURS; i++) {
    for (let corner = 0; corner < CORNERS; corner++) {
      let [node, weight] = [0, 1]
      for (let axis = 0; axis < 4; axis++) {
        const value = inks[4 * i + axis]
        const below = Math.min(
          SIDE - 2,
          CMYK_NODES.findLastIndex((level) => level <= value),
        )
        const fraction = (value - CMYK_NODES[below]) / (CMYK_NODES[below + 1] - CMYK_NODES[below])
        const upper = (corner >> axis) & 1
        node = node * SIDE + below + upper
        weight *= upper ? fraction : 1 - fraction
      }
      nodes[CORNERS * i + corner] = node
      weights[CORNERS * i + corner] = weight
    }
  }
  return { nodes, weights }
}

type Interpolation = ReturnType<typeof interpolation>

function interpolate({ nodes, weights }: Interpolation, table: Float64Array): Float64Array {
  const values = new Float64Array(COLOURS)
  for (let at = 0; at < nodes.length; at++) values[at >> 4] += weights[at] * table[nodes[at]]
  return values
}

/** The transpose of interpolate. */
function spread({ nodes, weights }: Interpolation, values: Float64Array): Float64Array {
  const table = new Float64Array(NODE_COUNT)
  for (let at = 0; at < nodes.length; at++) table[nodes[at]] += weights[at] * values[at >> 4]
  return table
}

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i], 0)

/** Conjugate gradients for the normal equations, from `table` on, in place. */
function leastSquares(plan: Interpolation, target: Float64Array, table: Float64Array): void {
  const left = (x: Float64Array) => spread(plan, interpolate(plan, x)).map((value, i) => value + RIDGE * x[i])
  const now = left(table)
  const residual = spread(plan, target).map((value, i) => value + RIDGE * table[i] - now[i])
  let direction = residual.slice()
  let squares = dot(residual, residual)
  for (let step = 0; step < STEPS && squares > 1e-9; step++) {
    const image = left(direction)
    const length = squares / dot(direction, image)
    for (let i = 0; i < NODE_COUNT; i++) {
      table[i] += length * direction[i]
      residual[i] -= length * image[i]
    }
    const next = dot(residual, residual)
    direction = direction.map((value, i) => residual[i] + (next / squares) * value)
    squares = next
  }
}

/** If sharp returned 0 or 255, any value beyond is as good. */
function fitChannel(plan: Interpolation, levels: Float64Array): Float64Array {
  const table = new Float64Array(NODE_COUNT).fill(128)
  let target = levels
  for (let round = 0; round < CLAMPING_ROUNDS; round++) {
    leastSquares(plan, target, table)
    const got = interpolate(plan, table)
    target = levels.map((level, i) =>
      level === 0 ? Math.min(0, got[i]) : level === 255 ? Math.max(255, got[i]) : level,
    )
  }
  return table
}

const inks = Uint8Array.from({ length: 4 * COLOURS }, randomInk)
const rgb = await sharpRgb(inks)
const plan = interpolation(inks)
const bytes = new Uint8Array(3 * NODE_COUNT)
for (let c = 0; c < 3; c++) {
  const levels = Float64Array.from({ length: COLOURS }, (_, i) => rgb[3 * i + c])
  const table = fitChannel(plan, levels)
  const errors = interpolate(plan, table).map((value, i) =>
    Math.abs(Math.round(Math.max(0, Math.min(255, value))) - levels[i]),
  )
  console.log(
    `${'RGB'[c]}: off by ${(errors.reduce((a, b) => a + b) / COLOURS).toFixed(2)} on average, by ${Math.max(...errors.slice(0, 1e5))} at most`,
  )
  table.forEach((value, i) => {
    const level = Math.max(LOWEST, Math.min(HIGHEST, value))
    bytes[3 * i + c] = Math.round(((level - LOWEST) * 255) / (HIGHEST - LOWEST))
  })
}
const differences = bytes.map((byte, i) => (i % (3 * SIDE) < 3 ? byte : byte - bytes[i - 3]))
const file = join(import.meta.dirname, '..', '..', 'shared', 'images', 'colour', 'cmyk-table.ts')
await writeFile(
  file,
  `/** Made by scripts/images/cmyk-table.ts, which says what it holds. */
export const CMYK_TABLE =
  '${Buffer.from(differences).toString('base64')}'
`,
)
