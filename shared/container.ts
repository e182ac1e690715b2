/**
 * The bytes of a code, version 1. A code is self-contained: 4 bytes around the payload, 6 to 8 with a size.
 *
 *     byte 0      2 bits  version, 01
 *                 1 bit   1 if a size follows
 *                 5 bits  rate level: which of the model's quantization steps and tables were used
 *     bytes 1-2   model id, big-endian: a hash over what decoding needs (see manifest.ts)
 *     byte 3      CRC-8 (polynomial 0x2f, start 0xff) of all other bytes of the code, in order
 *     [varint     width - 1      of the original image, when it is not of the model's size
 *      varint     height - 1]    (LEB128: 7 bits a byte, least significant first, high bit: more follow)
 *     payload     the rest: the range-coded symbols (see entropy.ts), without trailing zero bytes
 *
 * A CRC of 8 bits catches every change inside one byte, and all but 1 in 256 of other damage; the codec also
 * refuses a payload that does not encode back to itself.
 */
import { CodecError } from './errors.ts'

export const HEADER_BYTES = 4
/** No image needs more: 64 escaped symbols take under 400 bytes. Bounds the work that a code can ask for. */
const MAX_CODE_BYTES = 4096
const MAX_SIDE = 65_536
const VERSION = 1

export interface Container {
  /** 4 hexadecimal digits. */
  modelId: string
  level: number
  /** The original image's size in pixels; absent where it is the model's own. */
  size?: { width: number; height: number }
  payload: Uint8Array
}

const CRC_TABLE = Uint8Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? (crc << 1) ^ 0x2f : crc << 1
  return crc
})

/** CRC-8 of a code, its own byte 3 left out. */
function crc8(code: Uint8Array): number {
  let crc = 0xff
  for (let i = 0; i < code.length; i++) if (i !== 3) crc = CRC_TABLE[crc ^ code[i]!]!
  return crc
}

function varint(value: number): number[] {
  const bytes: number[] = []
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128)
  return [...bytes, value]
}

/** Container -> code. Sides must be 1 to 65,536 pixels, the level 0 to 31. */
export function packContainer({ modelId, level, size, payload }: Container): Uint8Array {
  if (size && !(validSide(size.width) && validSide(size.height)))
    throw new RangeError(
      `a code holds sizes from 1x1 to ${MAX_SIDE}x${MAX_SIDE}, not ${size.width}x${size.height}`,
    )
  const sizeBytes = size ? [...varint(size.width - 1), ...varint(size.height - 1)] : []
  const code = new Uint8Array(HEADER_BYTES + sizeBytes.length + payload.length)
  const id = Number.parseInt(modelId, 16)
  code[0] = (VERSION << 6) | (size ? 32 : 0) | level
  code[1] = id >>> 8
  code[2] = id
  code.set(sizeBytes, HEADER_BYTES)
  code.set(payload, HEADER_BYTES + sizeBytes.length)
  code[3] = crc8(code)
  return code
}

const validSide = (side: number) => Number.isInteger(side) && side >= 1 && side <= MAX_SIDE

/** Code -> container. Throws CodecError where the bytes are not a code of this version or were altered. */
export function unpackContainer(code: Uint8Array): Container {
  if (code.length < HEADER_BYTES)
    throw new CodecError(`a code has at least ${HEADER_BYTES} bytes, this has ${code.length}`)
  if (code.length > MAX_CODE_BYTES)
    throw new CodecError(`a code has at most ${MAX_CODE_BYTES} bytes, this has ${code.length}`)
  if (code[0]! >>> 6 !== VERSION)
    throw new CodecError(`expected a code of version ${VERSION}, got version ${code[0]! >>> 6}`)
  if (crc8(code) !== code[3])
    throw new CodecError('the check byte does not match: the code was altered or cut')
  const reader = { code, position: HEADER_BYTES }
  const size = code[0]! & 32 ? { width: readSide(reader), height: readSide(reader) } : undefined
  return {
    modelId: ((code[1]! << 8) | code[2]!).toString(16).padStart(4, '0'),
    level: code[0]! & 31,
    size,
    payload: code.subarray(reader.position),
  }
}

function readSide(reader: { code: Uint8Array; position: number }): number {
  let value = 0
  for (let shift = 0; shift <= 14; shift += 7) {
    const byte = reader.code[reader.position++]
    if (byte === undefined) throw new CodecError('the code ends inside its size')
    value |= (byte & 127) << shift
    if (byte < 128) {
      if (value >= MAX_SIDE || (byte === 0 && shift > 0)) break
      return value + 1
    }
  }
  throw new CodecError('the size in the code is not a varint of 1 to 65,536')
}

/** What a code says of itself, its payload unread. Throws CodecError as unpackContainer does. */
export function readHeader(code: Uint8Array): {
  modelId: string
  level: number
  width?: number
  height?: number
} {
  const { modelId, level, size } = unpackContainer(code)
  return { modelId, level, ...size }
}
