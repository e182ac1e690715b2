/**
 * The bytes of a code. Its first two bits are its version modulo 4. A code of version 3 or 4, a preview of number 0 or 1, begins
 * with its payload, whose first two bits are 11 or 00 (shared/preview/code.ts); the CRC-8 of the payload follows. Version 2 has
 * 3 bytes before the payload:
 *
 *     byte 0      2 bits  version, 10
 *                 6 bits  model id, its high bits
 *     byte 1      8 bits  model id, its low bits: a hash over what decoding needs (see manifest.ts)
 *     byte 2      CRC-8 (polynomial 0x2f, start 0xff) of all other bytes of the code, in order
 *     payload     the rest, range-coded, without trailing zero bytes; in order:
 *                   rate level      rate-level.ts: which of the model's quantization steps and tables were used
 *                   original size   original-size.ts
 *                   component, error, latent symbols   entropy.ts, by the model's tables
 *
 * A CRC of 8 bits catches every change inside one byte, and all but 1 in 256 of other damage; the codec also
 * refuses a payload that does not encode back to itself.
 */
import { crc8 } from '../../crc8.ts'
import { CodecError } from '../errors.ts'

export const HEADER_BYTES = 3
/** No image needs more: 1024 escaped symbols, the most a model has, take under 7 KB. It bounds the work a code can cause. */
const MAX_CODE_BYTES = 8192
const VERSION = 2
/** The first two bits of a numbered preview's code, by its number. */
export const PREVIEW_VERSIONS = [3, 0]
export const PREVIEW_HEADER_BYTES = 1
/** The ids of numbered previews 0 to 15 are 3ff0 to 3fff; other models' ids are hashes. */
export const previewId = (number: number): string => (0x3ff0 | number).toString(16)
export const previewNumber = (modelId: string): number | undefined =>
  modelId.startsWith('3ff') ? Number.parseInt(modelId, 16) & 15 : undefined

export interface Container {
  /** 4 hexadecimal digits, 3fff at most. */
  modelId: string
  payload: Uint8Array
}

/** Undefined if the bytes do not begin a numbered preview's code. */
export function numberOfCode(code: Uint8Array): number | undefined {
  const number = PREVIEW_VERSIONS.indexOf(code[0] >>> 6)
  return code.length > 0 && number >= 0 ? number : undefined
}

/** The check byte of a code: the CRC-8 of all its bytes except the check byte itself, which is at `own`. */
export function checkByte(code: Uint8Array, own: number): number {
  return crc8(code, own + 1, code.length, crc8(code, 0, own))
}

export function packContainer({ modelId, payload }: Container): Uint8Array {
  const id = Number.parseInt(modelId, 16)
  const code = new Uint8Array(HEADER_BYTES + payload.length)
  code[0] = (VERSION << 6) | (id >>> 8)
  code[1] = id
  code.set(payload, HEADER_BYTES)
  code[2] = checkByte(code, 2)
  return code
}

/** payload: of a numbered preview. */
export function packNumbered(payload: Uint8Array): Uint8Array {
  const code = new Uint8Array(payload.length + PREVIEW_HEADER_BYTES)
  code.set(payload)
  code[payload.length] = checkByte(code, payload.length)
  return code
}

/** Code -> container. Throws CodecError if the bytes are not a code of one of these versions, or were altered. */
export function unpackContainer(code: Uint8Array): Container {
  if (code.length < HEADER_BYTES)
    throw new CodecError(`a code has at least ${HEADER_BYTES} bytes, this has ${code.length}`)
  if (code.length > MAX_CODE_BYTES)
    throw new CodecError(`a code has at most ${MAX_CODE_BYTES} bytes, this has ${code.length}`)
  const version = code[0] >>> 6
  const number = numberOfCode(code)
  if (version !== VERSION && number === undefined)
    throw new CodecError(`expected a code of version ${VERSION}, 3 or 4, got version ${version}`)
  const own = number === undefined ? 2 : code.length - 1
  if (checkByte(code, own) !== code[own])
    throw new CodecError('the check byte does not match: the code was altered or cut')
  if (number !== undefined) return { modelId: previewId(number), payload: code.subarray(0, own) }
  const modelId = (((code[0] & 63) << 8) | code[1]).toString(16).padStart(4, '0')
  return { modelId, payload: code.subarray(HEADER_BYTES) }
}
