import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readGridFiles } from '../../node/grid-model-directory.ts'
import { SHIPPED_MODELS } from '../../node/installed-files.ts'
import { ENCODER_NAMES, packExpanded, unpackExpanded } from '../../shared/grid/grid-model.ts'
import {
  blockOf,
  COLOUR_BASIS,
  coefficientsOf,
  SIDE_BASIS,
} from '../../shared/grid/networks/block-cosines.ts'
import { codeDecoder, emptyDecoder, readDecoder } from '../../shared/grid/networks/compact-decoder.ts'
import { packLayers, unpackLayers } from '../../shared/grid/networks/layers-bytes.ts'
import { BitDecoder, BitEncoder } from '../../shared/grid/planes/bit-coder.ts'
import { Random } from '../../train/random.ts'

const { decoder, encoder } = await readGridFiles(join(SHIPPED_MODELS, 'grid'))

test("the shipped decoder's bytes are those that its weights give", () => {
  const compact = emptyDecoder()
  codeDecoder(new BitDecoder(decoder), compact)
  const coder = new BitEncoder()
  codeDecoder(coder, compact)
  expect(coder.finish()).toEqual(decoder)
})

test('the shipped decoder is at most 80,000 bytes', () => {
  expect(decoder.length).toBeLessThan(80_000)
})

test('numbers that do not fit their bits are refused when a decoder is written', () => {
  const compact = emptyDecoder()
  compact.steps[0][0] = 1 << 19
  expect(() => codeDecoder(new BitEncoder(), compact)).toThrow(RangeError)
})

test('a decoder that is cut is refused', () => {
  expect(() => readDecoder(decoder.subarray(0, 10_000))).toThrow(RangeError)
})

test("the shipped encoder's bytes are those that its layers give", () => {
  expect(packLayers(ENCODER_NAMES, unpackLayers(ENCODER_NAMES, encoder!))).toEqual(encoder)
  expect(() => unpackLayers(ENCODER_NAMES, encoder!.subarray(1))).toThrow(RangeError)
})

test('what the service keeps of a decoder is what its compact bytes say', () => {
  const weights = readDecoder(decoder)
  expect(unpackExpanded(packExpanded(weights))).toEqual(weights)
})

test("cosines are the same whole numbers in every runtime: none is near a half, where engines' Math.cos might differ", () => {
  const bases = { 16: SIDE_BASIS, 3: COLOUR_BASIS }
  const exact = Object.keys(bases)
    .map(Number)
    .flatMap((size) =>
      Array.from({ length: size * size }, (_, i) => {
        const [u, x] = [Math.floor(i / size), i % size]
        return 1024 * Math.sqrt((u ? 2 : 1) / size) * Math.cos((Math.PI * (2 * x + 1) * u) / (2 * size))
      }),
    )
  for (const value of exact) expect(Math.abs(value - Math.floor(value) - 0.5)).toBeGreaterThan(1e-6)
  const hash = createHash('sha256').update(JSON.stringify(bases)).digest('hex')
  expect(hash).toMatchInlineSnapshot(`"cdc8e2d2570083cdc90d8cf50eac5f51c4d6404cc1ed1a0ed6478a2f87815634"`)
})

test('a block comes back from its coefficients', () => {
  const random = new Random(3)
  const coefficients = Int32Array.from({ length: 768 }, () => random.integer(4000) - 2000)
  const back = coefficientsOf(blockOf(coefficients).map((value) => value / 1024 ** 3))
  for (let i = 0; i < 768; i++) expect(Math.abs(back[i] - coefficients[i])).toBeLessThan(15)
})
