import { CodecError } from '../errors.ts'

/** Whole groups, then one or two bytes, whose last character has no stray bits. */
const BASE64URL = /^(?:[\w-]{4})*(?:[\w-][AQgw]|[\w-]{2}[AEIMQUYcgkosw048])?$/

/** Bytes -> base64url without padding (RFC 4648, section 5). */
export function toBase64Url(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

/** base64url, padded or not -> bytes. Throws CodecError on any other character, length, or unused bits set. */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const body = text.replace(/={1,2}$/, '')
  if (!BASE64URL.test(body)) throw new CodecError('expected base64url: A-Z a-z 0-9 - _, in its one form')
  const binary = atob(body.replaceAll('-', '+').replaceAll('_', '/'))
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i)
  return bytes
}
