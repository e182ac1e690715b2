import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromBase64Url, toBase64Url } from '../../shared/codec/container/base64url.ts'
import { CodecError } from '../../shared/codec/errors.ts'
import { unlessRefused } from './unless-refused.ts'

test('base64url equals Node’s, and comes back', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(toBase64Url(bytes)).toBe(Buffer.from(bytes).toString('base64url'))
      expect(fromBase64Url(toBase64Url(bytes))).toEqual(bytes)
    }),
  )
})

test('any text is read or refused with CodecError, and a text has one form', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const bytes = unlessRefused(CodecError, () => fromBase64Url(text))
      if (bytes !== undefined) expect(toBase64Url(bytes)).toBe(text.replace(/={1,2}$/, ''))
    }),
  )
  for (const text of ['A', 'AB', 'AAA+', 'AA A', 'Ä']) expect(() => fromBase64Url(text)).toThrow(CodecError)
})
