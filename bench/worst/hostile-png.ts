/** Small PNG files that are expensive to decode. */

import { crc32, deflateSync } from 'node:zlib'
import { ADAM7 } from '../../shared/images/png/png-scanlines.ts'
import { fillWithNoise } from './noise.ts'

type Chunk = [name: string, body: Uint8Array]

function png(chunks: Chunk[]): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)]
  for (const [name, body] of chunks) {
    const chunk = Buffer.alloc(12 + body.length)
    chunk.writeUInt32BE(body.length)
    chunk.write(name, 4, 'latin1')
    chunk.set(body, 8)
    chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + body.length)), 8 + body.length)
    parts.push(chunk)
  }
  return new Uint8Array(Buffer.concat(parts))
}

function header(width: number, height: number, depth: number, colourType: number, interlace = 0): Chunk {
  const body = Buffer.alloc(13)
  body.writeUInt32BE(width, 0)
  body.writeUInt32BE(height, 4)
  body.set([depth, colourType, 0, 0, interlace], 8)
  return ['IHDR', body]
}

const END: Chunk = ['IEND', new Uint8Array(0)]
const RGBA = 6
const RGB = 2

/** Zeros, whatever the lines' filter is said to be. */
function zeroLines(height: number, stride: number, filter: number): Buffer {
  const lines = Buffer.alloc(height * (stride + 1))
  for (let y = 0; y < height; y++) lines[y * (stride + 1)] = filter
  return lines
}

/** 16 bits per sample, and Paeth's filter, which costs most to undo. */
export function deepPng(side: number): Uint8Array {
  const data = deflateSync(zeroLines(side, 8 * side, 4), { level: 9 })
  return png([header(side, side, 16, RGBA), ['IDAT', data], END])
}

/** Each line the same noise: a small file, though nothing in it can be guessed. */
export function noisyPng(side: number): Uint8Array {
  const line = new Uint8Array(1 + 4 * side)
  fillWithNoise(line.subarray(1))
  line[0] = 4
  const lines = Buffer.concat(new Array<Uint8Array>(side).fill(line))
  return png([header(side, side, 8, RGBA), ['IDAT', deflateSync(lines, { level: 9 })], END])
}

export function interlacedPng(side: number): Uint8Array {
  let lines = Buffer.alloc(0)
  for (const [x, y, stepX, stepY] of ADAM7)
    lines = Buffer.concat([
      lines,
      zeroLines(Math.ceil((side - y) / stepY), 4 * Math.ceil((side - x) / stepX), 4),
    ])
  return png([header(side, side, 8, RGBA, 1), ['IDAT', deflateSync(lines, { level: 9 })], END])
}

/** With its data in chunks of two bytes each. */
export function manyChunksPng(bytes: number): Uint8Array {
  const side = 205
  const data = deflateSync(zeroLines(side, 3 * side, 0), { level: 0 })
  const cut: Chunk[] = []
  for (let at = 0; at < data.length && 14 * cut.length < bytes; at += 2)
    cut.push(['IDAT', data.subarray(at, at + 2)])
  return png([header(side, side, 8, RGB), ...cut, END])
}

/** Of 32 x 32 pixels, with as many chunks of no data as are asked for. */
export function emptyChunksPng(chunks: number): Uint8Array {
  const empty = new Array<Chunk>(chunks).fill(['IDAT', new Uint8Array(0)])
  return png([header(32, 32, 8, RGB), ...empty, ['IDAT', deflateSync(zeroLines(32, 96, 0))], END])
}

/** A colour profile of 100 kB that inflates to 100 MB. */
export function profileBombPng(): Uint8Array {
  const profile = Buffer.concat([Buffer.from('bomb\0\0'), deflateSync(Buffer.alloc(100e6), { level: 9 })])
  const data = deflateSync(zeroLines(32, 96, 0))
  return png([header(32, 32, 8, RGB), ['iCCP', profile], ['IDAT', data], END])
}

/** 100 kB of data that inflate to 100 MB, though the image has 32 x 32 pixels. */
export function inflatingPng(): Uint8Array {
  return png([header(32, 32, 8, RGB), ['IDAT', deflateSync(Buffer.alloc(100e6), { level: 9 })], END])
}
