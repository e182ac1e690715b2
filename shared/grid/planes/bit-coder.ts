/**
 * A binary range coder (as range-coder.ts, for bits alone) whose codes may be cut anywhere: the decoder knows which
 * bits the bytes it has decide, and stops before the first that they do not. Integers only.
 */
import type { BitCoder } from '../../codec/entropy/adaptive-symbols.ts'
import { readBits } from '../../codec/entropy/range-coder.ts'
import { PROBABILITY_BITS } from './plane-shape.ts'

const MIN_RANGE = 2 ** 24
const WORD = 2 ** 32
/** More than a model or a long code takes. */
const MAX_BYTES = 1 << 20
const HALF = 1 << (PROBABILITY_BITS - 1)

/** Thrown by BitDecoder if the bytes end before the next bit is decided. */
export class EndOfCode extends Error {
  override name = 'EndOfCode'
}

/** Where a coder is: plane-coder.ts goes on from there. Words of 32 bits. */
export interface CoderState {
  /** Encoding: the interval's low end. Decoding: how far above it the bytes are. */
  low: number
  range: number
  /** Bytes written or read. */
  length: number
  /** Decoding: how far above `low` the truth may lie, for the bytes that are missing. */
  unknown: number
}

interface HandOver {
  isDecoder: boolean
  /** Of the code, so far if it is being written. */
  bytes: Uint8Array
  /** Decoding: how many bytes there are. Encoding: with more than this, the code is full. */
  limit: number
  state: CoderState
}

export class BitEncoder implements BitCoder {
  #low = 0
  #range = WORD - 1
  #bytes = new Uint8Array(1 << 12)
  #length = 0
  readonly #limit: number

  /** Throws EndOfCode once `limit` bytes are sure to be filled. */
  constructor(limit = MAX_BYTES) {
    this.#limit = limit + 4
  }

  code(bit: number, one: number): number {
    const bound = (this.#range >>> PROBABILITY_BITS) * one
    if (bit) this.#range = bound
    else {
      this.#low += bound
      this.#range -= bound
      if (this.#low >= WORD) this.#carry()
    }
    while (this.#range < MIN_RANGE) this.#shift()
    return bit
  }

  /** As RangeEncoder: narrows the interval to [start, start + size) of 2^14. */
  encode(start: number, size: number): void {
    const unit = this.#range >>> PROBABILITY_BITS
    this.#low += unit * start
    this.#range = unit * size
    if (this.#low >= WORD) this.#carry()
    while (this.#range < MIN_RANGE) this.#shift()
  }

  /** As RangeEncoder: each as likely 0 as 1, the highest first. */
  encodeBits(value: number, count: number): void {
    for (let bit = count - 1; bit >= 0; bit--) this.encode((value >>> bit) & 1 ? HALF : 0, HALF)
  }

  #shift() {
    if (this.#length === this.#bytes.length) this.#grow()
    this.#bytes[this.#length++] = this.#low >>> 24
    this.#low = (this.#low << 8) >>> 0
    this.#range *= 256
    if (this.#length > this.#limit) throw new EndOfCode()
  }

  #carry() {
    this.#low -= WORD
    let i = this.#length - 1
    while (++this.#bytes[i] === 256) i-- // the byte itself is 0 then
  }

  #grow() {
    const longer = new Uint8Array(2 * this.#length)
    longer.set(this.#bytes)
    this.#bytes = longer
  }

  handOver(): HandOver {
    const state = { low: this.#low, range: this.#range, length: this.#length, unknown: 0 }
    return { isDecoder: false, bytes: this.#bytes.subarray(0, this.#length), limit: this.#limit, state }
  }

  takeBack(bytes: Uint8Array<ArrayBuffer>, { low, range }: Pick<CoderState, 'low' | 'range'>): void {
    this.#low = low
    this.#range = range
    this.#bytes = bytes
    this.#length = bytes.length
  }

  /** All bytes that decide every bit so far. */
  finish(): Uint8Array {
    const word = [24, 16, 8, 0].map((shift) => (this.#low >>> shift) & 255)
    const code = new Uint8Array(this.#length + 4)
    code.set(this.#bytes.subarray(0, this.#length))
    code.set(word, this.#length)
    return code
  }
}

export class BitDecoder implements BitCoder {
  #offset = 0
  #range = WORD - 1
  #position = 0
  /** How far above #offset the truth may lie, for the bytes that are missing. */
  #unknown = 0
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    for (let i = 0; i < 4; i++) this.#shift()
  }

  code(_bit: number, one: number): number {
    const bound = (this.#range >>> PROBABILITY_BITS) * one
    const bit = this.#offset < bound ? 1 : 0
    if (this.#unknown > 0 && bit === 1 && this.#offset + this.#unknown >= bound) throw new EndOfCode()
    if (bit) this.#range = bound
    else {
      this.#offset -= bound
      this.#range -= bound
    }
    while (this.#range < MIN_RANGE) {
      this.#range *= 256
      this.#shift()
    }
    return bit
  }

  /** As RangeDecoder. */
  peek(): number {
    const unit = this.#range >>> PROBABILITY_BITS
    return Math.floor(this.#offset / unit)
  }

  consume(start: number, size: number): void {
    const unit = this.#range >>> PROBABILITY_BITS
    if (this.#unknown > 0 && this.#offset + this.#unknown >= unit * (start + size)) throw new EndOfCode()
    this.#offset -= unit * start
    this.#range = unit * size
    while (this.#range < MIN_RANGE) {
      this.#range *= 256
      this.#shift()
    }
  }

  decodeBits(count: number): number {
    return readBits(this, count)
  }

  handOver(): HandOver {
    const unknown = Math.min(this.#unknown, WORD - 1) // all that is above the range is the same
    const state = { low: this.#offset, range: this.#range, length: this.#position, unknown }
    return { isDecoder: true, bytes: this.#bytes, limit: this.#bytes.length, state }
  }

  #shift() {
    const missing = this.#position >= this.#bytes.length
    this.#offset = this.#offset * 256 + (missing ? 0 : this.#bytes[this.#position++])
    this.#unknown = this.#unknown * 256 + (missing ? 255 : 0)
  }
}

/** A number of `count` bits, the highest first, each as likely 0 as 1. */
export function codeBits(coder: BitCoder, value: number, count: number): number {
  let coded = 0
  for (let bit = count - 1; bit >= 0; bit--) coded = (coded << 1) | coder.code((value >>> bit) & 1, HALF)
  return coded
}
