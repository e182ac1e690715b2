/** PNGs of any bit depth and colour type around given scanlines, with any chunks before and behind their data. */
import { deflateSync } from 'node:zlib'
import { pngChunk } from '../with-metadata.ts'

export interface RawPng {
  width: number
  height: number
  bitDepth: number
  colourType: number
  /** Without filter bytes. [height, bytes of a line] */
  lines: Uint8Array
  before?: Uint8Array[]
  behind?: Uint8Array[]
  /** The zlib stream, as it is to stand in one IDAT or several. */
  pack?: (stream: Uint8Array) => Uint8Array[]
  end?: boolean // default true
}

export const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)

export function rawPng(png: RawPng): Uint8Array {
  const { width, height, bitDepth, colourType, lines, before = [], behind = [], end = true } = png
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([bitDepth, colourType], 8)
  const stride = lines.length / height
  const filtered = Buffer.alloc(lines.length + height)
  for (let y = 0; y < height; y++)
    filtered.set(lines.subarray(y * stride, (y + 1) * stride), y * (stride + 1) + 1)
  const stream = new Uint8Array(deflateSync(filtered))
  const data = png.pack ? png.pack(stream) : [stream]
  return new Uint8Array(
    Buffer.concat([
      SIGNATURE,
      pngChunk('IHDR', header),
      ...before,
      ...data.map((body) => pngChunk('IDAT', body)),
      ...behind,
      ...(end ? [pngChunk('IEND', Buffer.alloc(0))] : []),
    ]),
  )
}

/** Samples of 1, 2, 4, 8 or 16 bits, packed into lines that begin at a byte. */
export function packed(samples: number[], width: number, bitDepth: number, channels = 1): Uint8Array {
  const perLine = width * channels
  const bytes: number[] = []
  for (let from = 0; from < samples.length; from += perLine) {
    let bits = ''
    for (const sample of samples.slice(from, from + perLine))
      bits += sample.toString(2).padStart(bitDepth, '0')
    for (let at = 0; at < bits.length; at += 8)
      bytes.push(Number.parseInt(bits.slice(at, at + 8).padEnd(8, '0'), 2))
  }
  return Uint8Array.from(bytes)
}
