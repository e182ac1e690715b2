import { IMAGE_TYPES } from '../../shared/images/image-type.ts'
import { Problem } from './problem.ts'

export const CODE_TYPE = 'application/vnd.latent64'
export const RAW_TYPE = 'application/octet-stream'
export const JSON_TYPE = 'application/json'
export const FORM_TYPE = 'multipart/form-data'
export const NDJSON_TYPE = 'application/x-ndjson'

export const COMPRESS_TYPES = [...IMAGE_TYPES, RAW_TYPE, JSON_TYPE, FORM_TYPE] as const
export const DECOMPRESS_TYPES = [CODE_TYPE, RAW_TYPE, JSON_TYPE, FORM_TYPE] as const

/** Unregistered names that Windows, old browsers and upload forms send. */
const ALIASES: Record<string, string> = {
  'image/jpg': 'image/jpeg',
  'image/pjpeg': 'image/jpeg',
  'image/x-png': 'image/png',
}

/** `image/PNG; x=y` -> `image/png`; '' if there is none. */
export function mediaTypeOf(header: string | null): string {
  if (header === null) return ''
  const end = header.indexOf(';')
  const type = (end < 0 ? header : header.slice(0, end)).trim().toLowerCase()
  return Object.hasOwn(ALIASES, type) ? ALIASES[type] : type
}

export function unsupportedType(type: string, expected: readonly string[]): Problem {
  const got =
    type === '' ? 'there is no Content-Type' : `Content-Type is ${JSON.stringify(type.slice(0, 60))}`
  const detail = `${got}; expected one of ${expected.join(', ')}`
  return new Problem('unsupported-type', detail, { expected }, { accept: expected.join(', ') })
}
