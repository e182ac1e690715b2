import type { ImageType } from '../../shared/images/decode-image.ts'
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

const SIGNATURES: [type: string, at: number, text: string][] = [
  ['image/png', 0, '\x89PNG\r\n'],
  ['image/jpeg', 0, '\xff\xd8\xff'],
  ['image/webp', 8, 'WEBP'],
  ['image/gif', 0, 'GIF8'],
  ['image/avif', 4, 'ftypavif'],
  ['image/heic', 4, 'ftyp'],
  ['image/tiff', 0, 'II*\0'],
  ['image/tiff', 0, 'MM\0*'],
]

/** The format that the first bytes tell, for what comes without a type of its own. */
export function sniffType(bytes: Uint8Array): string | undefined {
  const holds = (at: number, text: string) => [...text].every((c, i) => bytes[at + i] === c.charCodeAt(0))
  return SIGNATURES.find(([, at, text]) => holds(at, text))?.[0]
}
