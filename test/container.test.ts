import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Container, packContainer, unpackContainer } from '../shared/container.ts'
import { CodecError } from '../shared/errors.ts'
import vectors from './vectors/container.json' with { type: 'json' }

const side = fc.integer({ min: 1, max: 65_536 })
const container: fc.Arbitrary<Container> = fc.record({
  modelId: fc.integer({ min: 0, max: 65_535 }).map((id) => id.toString(16).padStart(4, '0')),
  level: fc.integer({ min: 0, max: 31 }),
  size: fc.option(fc.record({ width: side, height: side }), { nil: undefined }),
  payload: fc.uint8Array({ maxLength: 60 }),
})

test('the golden codes are written and read to the byte', () => {
  for (const { modelId, level, size, payload, code } of vectors) {
    const parts = { modelId, level, size: size ?? undefined, payload: Uint8Array.from(payload) }
    expect(Buffer.from(packContainer(parts)).toString('hex')).toBe(code)
    expect(unpackContainer(Uint8Array.from(Buffer.from(code, 'hex')))).toEqual(parts)
  }
})

test('what was packed is unpacked', () => {
  fc.assert(
    fc.property(container, (parts) => {
      expect(unpackContainer(packContainer(parts))).toEqual(parts)
    }),
  )
})

test('a code takes 4 bytes around its payload, and at most 6 more for a size', () => {
  fc.assert(
    fc.property(container, (parts) => {
      const around = packContainer(parts).length - parts.payload.length
      if (parts.size) expect(around).toBeLessThanOrEqual(10)
      else expect(around).toBe(4)
    }),
  )
})

test('any single altered byte is a CodecError', () => {
  fc.assert(
    fc.property(container, fc.nat(), fc.integer({ min: 1, max: 255 }), (parts, place, change) => {
      const code = packContainer(parts)
      code[place % code.length]! ^= change
      expect(() => unpackContainer(code)).toThrow(CodecError)
    }),
  )
})

test('arbitrary bytes unpack or throw CodecError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      try {
        expect(packContainer(unpackContainer(bytes))).toEqual(bytes)
      } catch (error) {
        expect(error).toBeInstanceOf(CodecError)
      }
    }),
    { numRuns: 2000 },
  )
})

test('a size out of range is refused, not clamped', () => {
  const parts = { modelId: '0000', level: 0, payload: new Uint8Array() }
  for (const width of [0, 65_537, 1.5, Number.NaN])
    expect(() => packContainer({ ...parts, size: { width, height: 1 } })).toThrow(RangeError)
})
