import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LevelTables } from '../../shared/codec/entropy/level-tables.ts'
import { COST_UNITS_PER_BIT } from '../../shared/codec/entropy/symbols.ts'
import { dequantize, nearestSymbols, quantize } from '../../shared/codec/quantize/quantizer.ts'
import type { Level } from '../../shared/manifest.ts'
import { fitTables } from '../../train/export/entropy-fit.ts'
import { Random } from '../../train/random.ts'

const LATENTS = 4
const level = (bits: number): Level => ({
  steps: [0.5, 1, 0.25, 2],
  distortionBits: new Array(LATENTS).fill(bits),
  lambdaBits: 1,
  meanBytes: 0,
  psnrDb: 0,
  costLimitBits: 0,
})
const random = new Random(5, 5)
const samples = Int32Array.from({ length: 2000 * LATENTS }, () => Math.round(1.5 * random.normal()))
const tables = new LevelTables(fitTables(samples, LATENTS, new Int32Array(2000).fill(40), 1).bytes, LATENTS)
const latents = fc
  .array(fc.double({ min: -6, max: 6, noNaN: true }), { minLength: LATENTS, maxLength: LATENTS })
  .map((values) => Float32Array.from(values))

/** Rate + weighted squared distance, in bits. */
function costOf(latent: Float32Array, symbols: Int32Array, { steps, distortionBits }: Level): number {
  const seen = new Float32Array(LATENTS)
  dequantize(symbols, level(1), seen)
  const rateBits = tables.latentCost(0, symbols) / COST_UNITS_PER_BIT
  return seen.reduce(
    (sum, value, d) => sum + distortionBits[d] * ((latent[d] - value) / steps[d]) ** 2,
    rateBits,
  )
}

test('no other symbols cost less than those the quantizer chooses', () => {
  fc.assert(
    fc.property(
      latents,
      fc.array(fc.integer({ min: -1, max: 1 }), { minLength: LATENTS, maxLength: LATENTS }),
      fc.constantFrom(30, 200), // bits a squared step: less, and a cheap symbol further off may be missed
      (latent, moves, bits) => {
        const { symbols } = quantize(latent, level(bits), tables)
        const others = symbols.map((symbol, d) => symbol + moves[d])
        expect(costOf(latent, symbols, level(bits))).toBeLessThanOrEqual(
          costOf(latent, others, level(bits)) + 1e-9,
        )
      },
    ),
    { numRuns: 2000 },
  )
})

test('the nearest symbols come a fifth closer than a uniform quantizer whose symbols cost as much', () => {
  const long = { ...level(1), steps: new Array(64).fill(1), distortionBits: new Array(64).fill(1) }
  let sum = 0
  for (let i = 0; i < 200; i++) {
    const latent = Float32Array.from({ length: 64 }, () => 3 * random.normal())
    const seen = new Float32Array(64)
    dequantize(nearestSymbols(latent, long), long, seen)
    latent.forEach((value, d) => {
      sum += (value - seen[d]) ** 2
    })
  }
  expect(sum / (200 * 64)).toBeLessThan(0.83 * (2 ** 2 / 12)) // of step 2; the trellis's gain is 0.8 to 1 dB
})

test('zero is a symbol of both quantizers: a latent of zeros costs the least and comes back as zeros', () => {
  const { symbols } = quantize(new Float32Array(LATENTS), level(4), tables)
  const seen = new Float32Array(LATENTS)
  dequantize(symbols, level(4), seen)
  expect([...seen]).toEqual([0, 0, 0, 0])
})
