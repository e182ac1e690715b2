/**
 * A range coder (Martin 1979) over integer frequencies that sum to 2^14, with 32 bits of state; carries propagate into
 * the bytes already written. There are no floats, so the same symbols give the same bytes on every machine. The length
 * stays within a byte of the tables' ideal: 14 bits of frequency in at least 24 bits of range lose under 0.1 bits per
 * code, and the end is the shortest byte string inside the last interval.
 *
 * Decoding, in integers: at first range = 2^32 - 1, and offset = the first 4 bytes, big-endian; past the end all bytes
 * are 0. For each symbol unit = floor(range / 2^14); it is the one whose [start, start + size) holds
 * floor(offset / unit). Then offset -= unit * start and range = unit * size, and while range < 2^24
 * offset = 256 * offset + the next byte, and range *= 256. A single bit is a symbol: 0 has [0, 2^13), 1 the rest.
 */
export const TABLE_BITS = 14
export const TABLE_TOTAL = 1 << TABLE_BITS
const HALF = TABLE_TOTAL / 2

const MIN_RANGE = 2 ** 24
const WORD = 2 ** 32

/** What a symbol is written to, and read from. */
export type SymbolEncoder = Pick<RangeEncoder, 'encode' | 'encodeBits'>
export type SymbolDecoder = Pick<RangeDecoder, 'peek' | 'consume' | 'decodeBits'>

export class RangeEncoder {
  private low = 0
  private range = WORD - 1
  private bytes: number[] = []

  /** Narrows the interval to [start, start + size) of 2^14. */
  encode(start: number, size: number): void {
    const unit = this.range >>> TABLE_BITS
    this.low += unit * start
    this.range = unit * size
    if (this.low >= WORD) this.carry()
    while (this.range < MIN_RANGE) {
      this.bytes.push(this.low >>> 24)
      this.low = (this.low << 8) >>> 0
      this.range *= 256
    }
  }

  /** The lowest `count` bits of a value, the highest first, 0 and 1 equally likely. */
  encodeBits(value: number, count: number): void {
    for (let bit = count - 1; bit >= 0; bit--) this.encode((value >>> bit) & 1 ? HALF : 0, HALF)
  }

  private carry(): void {
    this.low -= WORD
    let i = this.bytes.length - 1
    while (++this.bytes[i] === 256) this.bytes[i--] = 0
  }

  /** The shortest byte string inside the interval; the decoder reads zeros past its end. */
  finish(): Uint8Array {
    let kept = 0
    let grain = WORD
    let value = this.low === 0 ? 0 : WORD
    while (value >= this.low + this.range) {
      kept++
      grain /= 256
      value = Math.ceil(this.low / grain) * grain
    }
    this.low = value
    if (this.low >= WORD) this.carry()
    for (let i = 0; i < kept; i++) this.bytes.push(Math.floor(this.low / 2 ** (24 - 8 * i)) & 255)
    let length = this.bytes.length
    while (length > 0 && this.bytes[length - 1] === 0) length--
    return new Uint8Array(this.bytes.slice(0, length))
  }
}

export class RangeDecoder {
  private offset = 0
  private range = WORD - 1
  private position = 0
  private readonly bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    for (let i = 0; i < 4; i++) this.offset = this.offset * 256 + this.next()
  }

  private next(): number {
    return this.position < this.bytes.length ? this.bytes[this.position++] : 0
  }

  /** Where in [0, 2^14) the next symbol lies; 2^14 or more only if no encoder wrote the bytes. */
  peek(): number {
    return Math.floor(this.offset / (this.range >>> TABLE_BITS))
  }

  /** Consumes the symbol whose share is [start, start + size), which must contain peek(). */
  consume(start: number, size: number): void {
    const unit = this.range >>> TABLE_BITS
    this.offset -= unit * start
    this.range = unit * size
    while (this.range < MIN_RANGE) {
      this.offset = this.offset * 256 + this.next()
      this.range *= 256
    }
  }

  /** What encodeBits wrote. */
  decodeBits(count: number): number {
    return readBits(this, count)
  }
}

/** A bit, of which 0 has the share [0, start) and 1 the rest. */
export function writeBit(coder: Pick<RangeEncoder, 'encode'>, start: number, bit: number): void {
  if (bit) coder.encode(start, TABLE_TOTAL - start)
  else coder.encode(0, start)
}

/** What writeBit wrote. */
export function readBit(coder: Pick<RangeDecoder, 'peek' | 'consume'>, start: number): number {
  const bit = coder.peek() < start ? 0 : 1
  if (bit) coder.consume(start, TABLE_TOTAL - start)
  else coder.consume(0, start)
  return bit
}

/** Bits that encodeBits wrote, the highest first. */
export function readBits(coder: Pick<RangeDecoder, 'peek' | 'consume'>, count: number): number {
  let value = 0
  for (let i = 0; i < count; i++) value = (value << 1) | readBit(coder, HALF)
  return value
}
