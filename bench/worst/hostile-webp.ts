/** WebP files that are expensive to decode, most of them small, lossless, and unlike any encoder's output. */
import sharp from 'sharp'
import { fillWithNoise } from './noise.ts'

/** Writes bits as in VP8L, least significant first. */
class BitWriter {
  readonly #bytes: number[] = []
  #bits = 0
  #count = 0

  write(value: number, count: number): void {
    for (let i = 0; i < count; i++) {
      this.#bits |= ((value >>> i) & 1) << this.#count
      if (++this.#count < 8) continue
      this.#bytes.push(this.#bits)
      this.#bits = this.#count = 0
    }
  }

  /** A prefix code's bits come most significant first. */
  writeCode(code: number, length: number): void {
    for (let i = length - 1; i >= 0; i--) this.write((code >>> i) & 1, 1)
  }

  finish(): Uint8Array {
    if (this.#count > 0) this.#bytes.push(this.#bits)
    return Uint8Array.from(this.#bytes)
  }
}

/** A code with only symbol 0, which then takes no bits at all. */
function writeEmptyCode(bits: BitWriter): void {
  bits.write(1, 1) // simple
  bits.write(0, 1) // one symbol
  bits.write(0, 1) // of one bit
  bits.write(0, 1)
}

const LENGTH_ORDER = [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]

/** The first 2 ** length symbols of an alphabet, all with codes of `length` bits. */
function writeFlatCode(bits: BitWriter, alphabet: number, length: number): void {
  bits.write(0, 1) // not simple
  const lengths = LENGTH_ORDER.map((symbol) => Number(symbol === 0 || symbol === length))
  const count = lengths.lastIndexOf(1) + 1
  bits.write(count - 4, 4)
  for (const each of lengths.slice(0, count)) bits.write(each, 3)
  bits.write(0, 1) // lengths of all symbols follow
  for (let symbol = 0; symbol < alphabet; symbol++) bits.write(Number(symbol < 2 ** length), 1)
}

function riff(data: Uint8Array): Uint8Array {
  const padded = data.length + (data.length & 1)
  const file = Buffer.alloc(20 + padded)
  file.write('RIFF', 0)
  file.writeUInt32LE(12 + padded, 4)
  file.write('WEBPVP8L', 8)
  file.writeUInt32LE(data.length, 16)
  file.set(data, 20)
  return new Uint8Array(file)
}

function header(bits: BitWriter, width: number, height: number): void {
  bits.write(0x2f, 8)
  bits.write(width - 1, 14)
  bits.write(height - 1, 14)
  bits.write(0, 4) // no alpha, version 0
  bits.write(0, 1) // no transform
}

/** All pixels equal, in 28 bytes. */
export function flatWebp(width: number, height: number): Uint8Array {
  const bits = new BitWriter()
  header(bits, width, height)
  bits.write(0, 2) // neither colour cache nor groups
  for (let code = 0; code < 5; code++) writeEmptyCode(bits)
  return riff(bits.finish())
}

/** A group of prefix codes for each 4 x 4 pixels, and a colour cache of 2048: a table of some 20 kB for each group. */
export function manyGroupsWebp(width: number, height: number): Uint8Array {
  const bits = new BitWriter()
  header(bits, width, height)
  bits.write(1, 1)
  bits.write(11, 4) // colour cache
  bits.write(1, 1)
  bits.write(0, 3) // groups of 4 x 4
  const groups = Math.ceil(width / 4) * Math.ceil(height / 4)
  bits.write(0, 1) // the image of groups has no colour cache
  writeFlatCode(bits, 256 + 24, 8) // green: low byte of a group's number
  writeFlatCode(bits, 256, 7) // red: high byte
  for (let code = 0; code < 3; code++) writeEmptyCode(bits) // blue, alpha, distance
  for (let group = 0; group < groups; group++) {
    bits.writeCode(group & 255, 8)
    bits.writeCode(group >> 8, 7)
  }
  for (let code = 0; code < 5 * groups; code++) writeEmptyCode(bits)
  return riff(bits.finish())
}

/** As large a file as is accepted for this many pixels: libwebp holds the frame, and the file twice. */
export async function noisyWebp(): Promise<Uint8Array> {
  const [width, height] = [3160, 3160]
  const samples = new Uint8Array(width * height * 3)
  fillWithNoise(samples)
  const image = sharp(samples, { raw: { width, height, channels: 3 } })
  return image.webp({ quality: 60, effort: 0 }).toBuffer()
}

/** A canvas of 16 megapixels with next to nothing on it. */
export function emptyAnimation(): Uint8Array {
  const frame = flatWebp(2, 2).subarray(12) // its one chunk
  const canvas = [0x02, 0, 0, 0, ...littleEndian(3999), ...littleEndian(3999)]
  const place = [...littleEndian(50), ...littleEndian(50), ...littleEndian(1), ...littleEndian(1), 0, 0, 0, 0]
  const chunks = [
    chunk('VP8X', canvas),
    chunk('ANIM', new Array(6).fill(0)),
    chunk('ANMF', [...place, ...frame]),
  ]
  const body = Buffer.concat([Buffer.from('WEBP'), ...chunks])
  return chunk('RIFF', body)
}

const littleEndian = (value: number) => [value & 255, (value >> 8) & 255, value >> 16]

function chunk(name: string, body: ArrayLike<number>): Buffer {
  const bytes = Buffer.alloc(8 + body.length + (body.length & 1))
  bytes.write(name, 'latin1')
  bytes.writeUInt32LE(body.length, 4)
  bytes.set(body, 8)
  return bytes
}
