/** Puts colour profiles and other metadata into files that sharp or we have written, without touching their pixels. */
import { crc32, deflateSync } from 'node:zlib'
import type { Segment } from './flat-block-jpeg.ts'

const PART_BYTES = 65519

export function iccSegments(profile: Uint8Array, partBytes = PART_BYTES): Segment[] {
  const count = Math.ceil(profile.length / partBytes)
  return Array.from({ length: count }, (_, i) => {
    const part = profile.subarray(i * partBytes, (i + 1) * partBytes)
    return [0xe2, Buffer.concat([Buffer.from('ICC_PROFILE\0'), Buffer.from([i + 1, count]), part])]
  })
}

/** Right behind the start of the image. */
export function withSegments(jpeg: Uint8Array, segments: Segment[]): Uint8Array {
  const made = segments.map(([marker, body]) => {
    const length = body.length + 2
    return Buffer.concat([Buffer.from([0xff, marker, length >> 8, length & 255]), Buffer.from(body)])
  })
  return new Uint8Array(Buffer.concat([jpeg.subarray(0, 2), ...made, jpeg.subarray(2)]))
}

export function pngChunk(name: string, body: Uint8Array): Uint8Array {
  const chunk = Buffer.alloc(12 + body.length)
  chunk.writeUInt32BE(body.length)
  chunk.write(name, 4, 'latin1')
  chunk.set(body, 8)
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + body.length)), 8 + body.length)
  return new Uint8Array(chunk)
}

const HEADER_END = 33

/** Right behind the header. */
export function withChunks(png: Uint8Array, ...chunks: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat([png.subarray(0, HEADER_END), ...chunks, png.subarray(HEADER_END)]))
}

export function iccpChunk(profile: Uint8Array): Uint8Array {
  return pngChunk('iCCP', Buffer.concat([Buffer.from('profile\0\0'), deflateSync(profile)]))
}

/** Around a simple WebP (RIFF, then VP8 or VP8L), an extended one with more chunks before and behind the image. */
export function extendedWebp(
  webp: Uint8Array,
  { width, height }: { width: number; height: number },
  before: [name: string, body: Uint8Array][],
  behind: [name: string, body: Uint8Array][] = [],
): Uint8Array {
  const flags: Record<string, number> = { ICCP: 0x20, ALPH: 0x10, EXIF: 0x08 }
  const canvas = Buffer.alloc(10)
  const alpha = Buffer.from(webp.subarray(12, 16)).toString() === 'VP8L' && ((webp[24] ?? 0) & 0x10) !== 0
  canvas[0] = [...before, ...behind].reduce((sum, [name]) => sum | (flags[name] ?? 0), alpha ? 0x10 : 0)
  canvas.writeUIntLE(width - 1, 4, 3)
  canvas.writeUIntLE(height - 1, 7, 3)
  const chunk = ([name, body]: [string, Uint8Array]): Buffer => {
    const bytes = Buffer.alloc(8 + body.length + (body.length & 1))
    bytes.write(name, 0, 'latin1')
    bytes.writeUInt32LE(body.length, 4)
    bytes.set(body, 8)
    return bytes
  }
  const chunks = [
    chunk(['VP8X', canvas]),
    ...before.map(chunk),
    Buffer.from(webp.subarray(12)),
    ...behind.map(chunk),
  ]
  const body = Buffer.concat([Buffer.from('WEBP'), ...chunks])
  const head = Buffer.from('RIFF\0\0\0\0')
  head.writeUInt32LE(body.length, 4)
  return new Uint8Array(Buffer.concat([head, body]))
}
