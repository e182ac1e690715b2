import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Container,
  packContainer,
  packNumbered,
  previewNumber,
  unpackContainer,
} from '../../shared/codec/container/container.ts'
import { CodecError } from '../../shared/codec/errors.ts'
import vectors from '../vectors/container.json' with { type: 'json' }
import { unlessRefused } from './unless-refused.ts'

const container: fc.Arbitrary<Container> = fc.record({
  modelId: fc.integer({ min: 0, max: 0x3fff }).map((id) => id.toString(16).padStart(4, '0')),
  payload: fc.uint8Array({ maxLength: 60 }),
})

test('the golden codes are written and read to the byte', () => {
  for (const { modelId, payload, code } of vectors) {
    const parts = { modelId, payload: Uint8Array.from(payload) }
    expect(Buffer.from(packContainer(parts)).toString('hex')).toBe(code)
    expect(unpackContainer(Uint8Array.from(Buffer.from(code, 'hex')))).toEqual(parts)
  }
})

test('unpacking returns what was packed', () => {
  fc.assert(
    fc.property(container, (parts) => {
      expect(unpackContainer(packContainer(parts))).toEqual(parts)
    }),
  )
})

test('a code takes 3 bytes around its payload', () => {
  fc.assert(
    fc.property(container, (parts) => {
      expect(packContainer(parts).length - parts.payload.length).toBe(3)
    }),
  )
})

test('a code of another version is refused, and its version named', () => {
  const code = packContainer({ modelId: '0000', payload: new Uint8Array() })
  expect(() => unpackContainer(code.map((byte, i) => (i === 0 ? byte ^ 192 : byte)))).toThrow(/version 1/)
})

test('any single altered byte is a CodecError', () => {
  fc.assert(
    fc.property(container, fc.nat(), fc.integer({ min: 1, max: 255 }), (parts, place, change) => {
      const code = packContainer(parts)
      code[place % code.length] ^= change
      expect(() => unpackContainer(code)).toThrow(CodecError)
    }),
  )
})

test('arbitrary bytes unpack or throw CodecError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      const container = unlessRefused(CodecError, () => unpackContainer(bytes))
      if (container === undefined) return
      const isNumbered = previewNumber(container.modelId) !== undefined
      const pack = isNumbered ? packNumbered(container.payload) : packContainer(container)
      expect(pack).toEqual(bytes)
    }),
    { numRuns: 2000 },
  )
})
