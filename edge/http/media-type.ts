import { IMAGE_TYPES } from '../../shared/images/image-type.ts'
import { Problem } from './problem.ts'

export const CODE_TYPE = 'application/vnd.latent64'
export const RAW_TYPE = 'application/octet-stream'
export const JSON_TYPE = 'application/json'
export const FORM_TYPE = 'multipart/form-data'
export const NDJSON_TYPE = 'application/x-ndjson'

export const COMPRESS_TYPES = [...IMAGE_TYPES, RAW_TYPE, JSON_TYPE, FORM_TYPE] as const
export const DECOMPRESS_TYPES = [CODE_TYPE, RAW_TYPE, JSON_TYPE, FORM_TYPE] as const

/** `image/PNG; x=y` -> `image/png`; the empty string where there is none. */
export function mediaTypeOf(header: string | null): string {
  if (header === null) return ''
  const end = header.indexOf(';')
  return (end < 0 ? header : header.slice(0, end)).trim().toLowerCase()
}

export function unsupportedType(type: string, expected: readonly string[]): Problem {
  const got =
    type === '' ? 'there is no Content-Type' : `Content-Type is ${JSON.stringify(type.slice(0, 60))}`
  return new Problem('unsupported-type', `${got}; expected one of ${expected.join(', ')}`, { expected })
}
