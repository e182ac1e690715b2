import type { ImageType } from './images/decode-image.ts'
import { Problem } from './problem.ts'

export const CODE_TYPE = 'application/vnd.latent64'
export const RAW_TYPE = 'application/octet-stream'
export const JSON_TYPE = 'application/json'
export const FORM_TYPE = 'multipart/form-data'

export const IMAGE_TYPES = ['image/png', 'image/jpeg', 'image/webp'] as const
export const COMPRESS_TYPES = [...IMAGE_TYPES, RAW_TYPE, JSON_TYPE, FORM_TYPE] as const
export const DECOMPRESS_TYPES = [CODE_TYPE, RAW_TYPE, JSON_TYPE, FORM_TYPE] as const

/** `image/PNG; x=y` -> `image/png`; the empty string where there is none. */
export function mediaTypeOf(header: string | null): string {
  if (header === null) return ''
  const end = header.indexOf(';')
  return (end < 0 ? header : header.slice(0, end)).trim().toLowerCase()
}

export function isImageType(type: string): type is ImageType {
  return (IMAGE_TYPES as readonly string[]).includes(type)
}

export function unsupportedType(type: string, expected: readonly string[]): Problem {
  const got =
    type === '' ? 'there is no Content-Type' : `Content-Type is ${JSON.stringify(type.slice(0, 60))}`
  return new Problem('unsupported-type', `${got}; expected one of ${expected.join(', ')}`, { expected })
}

/** The format that the first bytes tell, for parts of a form sent without a type of their own. */
export function sniffImageType(bytes: Uint8Array): ImageType | undefined {
  const starts = (at: number, text: string) => [...text].every((c, i) => bytes[at + i] === c.charCodeAt(0))
  if (starts(0, '\x89PNG\r\n')) return 'image/png'
  if (starts(0, '\xff\xd8\xff')) return 'image/jpeg'
  if (starts(0, 'RIFF') && starts(8, 'WEBP')) return 'image/webp'
  return undefined
}
