import { CodecError } from './errors.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const VALUES = new Map([...ALPHABET].map((character, value) => [character, value]))

/** Bytes -> base64url without padding (RFC 4648, section 5). */
export function toBase64Url(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const triple = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    const characters = Math.min(4, bytes.length - i + 1)
    for (let c = 0; c < characters; c++) text += ALPHABET[(triple >>> (18 - 6 * c)) & 63]
  }
  return text
}

/** base64url, padded or not -> bytes. Throws CodecError on any other character, length, or unused bits set. */
export function fromBase64Url(text: string): Uint8Array {
  const body = text.replace(/={1,2}$/, '')
  if (body.length % 4 === 1) throw new CodecError('expected base64url, got a text of impossible length')
  const bytes = new Uint8Array((body.length * 3) >>> 2)
  let bits = 0
  let held = 0
  let position = 0
  for (const character of body) {
    const value = VALUES.get(character)
    if (value === undefined)
      throw new CodecError('expected base64url (A-Z a-z 0-9 - _), got another character')
    bits = ((bits << 6) | value) & 0xffff
    held += 6
    if (held < 8) continue
    held -= 8
    bytes[position++] = (bits >>> held) & 255
  }
  if (bits & ((1 << held) - 1)) throw new CodecError('the base64url text has stray bits at its end')
  return bytes
}
