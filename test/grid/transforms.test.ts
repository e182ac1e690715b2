import { expect, test } from 'vitest'
import { listGridModels, loadGridDirectory } from '../../node/grid-model-directory.ts'
import { BLOCK, BLOCK_SAMPLES, CHANNELS, KNOWN_SAMPLES } from '../../shared/grid/grid-shape.ts'
import { TRANSFORMS } from '../../shared/grid/networks/transforms.ts'
import { activityOf } from '../../shared/grid/planes/activity.ts'
import { Random } from '../../train/random.ts'

const grid = await loadGridDirectory(listGridModels()[0])
const numberOf = (matrix: string, view: number) =>
  TRANSFORMS.findIndex((transform) => transform.matrix === matrix && transform.view === view)

/** One block on grey, [16, 16, 3], drawn from the same latents by a transform. */
function drawn(transform: number): Uint8Array {
  const random = new Random(7)
  const latents = Int16Array.from({ length: CHANNELS }, () => Math.round(40 * random.normal()))
  const block = { latents, transforms: Uint8Array.of(transform) }
  const drawing = { step: 0, knownStep: 0, lowest: false, turned: false, restored: false }
  const known = new Uint8Array(KNOWN_SAMPLES).fill(128)
  return grid.decoder.decode({ blocksWide: 1, blocksHigh: 1 }, known, block, drawing)
}

/** A block, each pixel taken from another place. */
const rearranged = (samples: Uint8Array, from: (y: number, x: number) => number) =>
  Uint8Array.from(samples, (_, i) => {
    const pixel = Math.floor(i / 3)
    return samples[from(Math.floor(pixel / BLOCK), pixel % BLOCK) * 3 + (i % 3)]
  })

test('the transform for edges down draws what the one for edges across draws, transposed', () => {
  const [across, down] = [drawn(numberOf('across', 0)), drawn(numberOf('across', 1))]
  expect(new Set(across).size).toBeGreaterThan(20)
  expect(down).toEqual(rearranged(across, (y, x) => x * BLOCK + y))
})

test('the mirrored transform draws what the one for diagonal edges draws, mirrored', () => {
  const [diagonal, mirrored] = [drawn(numberOf('diagonal', 0)), drawn(numberOf('diagonal', 2))]
  expect(mirrored).toEqual(rearranged(diagonal, (y, x) => y * BLOCK + BLOCK - 1 - x))
})

test('a block without anything to code has the plain transform, and edges have another one', () => {
  const shape = { blocksWide: 4, blocksHigh: 4 }
  const known = new Uint8Array(16 * KNOWN_SAMPLES).fill(128)
  const flat = new Uint8Array(16 * BLOCK_SAMPLES).fill(128)
  const stripes = flat.map((_, i) => (Math.floor(i / 3) % 7 < 3 ? 60 : 200))
  const transformsOf = (picture: Uint8Array) =>
    grid.encoder!.encode(shape, picture, known, { lowest: false, turned: false }).transforms
  expect(new Set(transformsOf(flat))).toEqual(new Set([0]))
  expect(transformsOf(stripes)).not.toContain(0)
})

test('a known picture that rises along a diagonal is slanted, along the other one the other way, along an axis not', () => {
  const ramp = (right: number, below: number) =>
    Uint8Array.from({ length: KNOWN_SAMPLES }, (_, i) => {
      const pixel = Math.floor(i / 3)
      return 100 + right * (pixel % 4) + below * Math.floor(pixel / 4)
    })
  const slantOf = (known: Uint8Array) => activityOf(known, { blocksWide: 1, blocksHigh: 1 }).slant[0]
  expect([ramp(9, 9), ramp(9, 4), ramp(9, 0), ramp(0, 9), ramp(-9, 9)].map(slantOf)).toEqual([4, 3, 2, 2, 0])
})
