import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { splitTables } from '../../shared/codec/entropy/entropy-model.ts'
import { LevelTables } from '../../shared/codec/entropy/level-tables.ts'
import { RangeDecoder, RangeEncoder } from '../../shared/codec/entropy/range-coder.ts'
import type { Symbols } from '../../shared/codec/entropy/symbols.ts'
import { CodecError } from '../../shared/codec/errors.ts'
import vectors from '../vectors/entropy.json' with { type: 'json' }
import { unlessRefused } from './unless-refused.ts'

const fromHex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'))
const { latents } = vectors
const tables = new LevelTables(fromHex(vectors.tables), latents)
const pack = (symbols: Symbols) => {
  const coder = new RangeEncoder()
  tables.pack(coder, symbols)
  return coder.finish()
}
const unpack = (payload: Uint8Array) => tables.unpack(new RangeDecoder(payload))
const images = vectors.images.map((image) => ({ ...image, latent: Int32Array.from(image.latent) }))

const symbols = fc.record({
  component: fc.integer({ min: 0, max: tables.components - 1 }),
  psnrHalfDb: fc.integer({ min: 0, max: 198 }),
  latent: fc
    .array(fc.oneof(fc.integer({ min: -6, max: 6 }), fc.integer({ min: -900_000, max: 900_000 })), {
      minLength: latents,
      maxLength: latents,
    })
    .map((values) => Int32Array.from(values)),
})

test('the golden payloads are written and read to the byte', () => {
  for (const { payload, component, psnrHalfDb, latent } of images) {
    expect(Buffer.from(pack({ component, psnrHalfDb, latent })).toString('hex')).toBe(payload)
    expect(unpack(fromHex(payload))).toEqual({ component, psnrHalfDb, latent })
  }
})

test('any symbols come back, even the rarest and those outside every table', () => {
  fc.assert(
    fc.property(symbols, (packed) => {
      expect(unpack(pack(packed))).toEqual(packed)
    }),
  )
})

test('the mean coded length is within 1 byte of the ideal for the tables', () => {
  const ordinary = images.filter((_, i) => i % 6 !== 5)
  const excess = ordinary.map(({ payload, component, psnrHalfDb, latent }) => {
    return payload.length / 2 - tables.rateBits({ component, psnrHalfDb, latent }) / 8
  })
  expect(Math.max(...excess)).toBeLessThan(1.1)
  expect(excess.reduce((a, b) => a + b) / excess.length).toBeLessThan(1)
})

describe('untrusted payloads', () => {
  test('arbitrary bytes unpack to symbols, which come back from what they pack to, or throw CodecError', () => {
    let unpacked = 0
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (payload) => {
        const symbols = unlessRefused(CodecError, () => unpack(payload))
        if (symbols === undefined) return
        unpacked++
        expect(unpack(pack(symbols))).toEqual(symbols)
      }),
      { numRuns: 2000 },
    )
    expect(unpacked).toBeGreaterThan(0)
  })

  test('a payload cut at any length unpacks to other symbols or throws CodecError', () => {
    for (const { payload, latent } of images)
      for (let length = 0; length < payload.length / 2; length++)
        expect(
          unlessRefused(CodecError, () => unpack(fromHex(payload).subarray(0, length)))?.latent,
        ).not.toEqual(latent)
  })
})

test('the best component is the one of the fewest bits', () => {
  for (const { latent } of images) {
    const costs = Array.from({ length: tables.components }, (_, c) => tables.latentCost(c, latent))
    expect(tables.latentCost(tables.bestComponent(latent), latent)).toBe(Math.min(...costs))
  }
})

test('tables that do not sum to 2^14, or of another length, are refused when they are checked', () => {
  tables.check()
  const bytes = fromHex(vectors.tables)
  bytes[bytes.length - 2] ^= 1
  expect(() => new LevelTables(bytes, latents).check()).toThrow(/sum to/)
  expect(() => new LevelTables(bytes.subarray(0, -2), latents).check()).toThrow(/frequencies/)
  expect(() => splitTables(Uint8Array.of(1, 0, 0, 0), 1)).toThrow(/bytes of tables/)
})
