/**
 * Inflates a zlib stream (RFC 1950 and 1951) into one buffer that is reused. Libraries return each piece as a new
 * array, and that garbage piles up faster than it is collected: 100 MB for 16 megapixels.
 */
import { BitInput, InflateError } from './bit-input.ts'
import { type HuffmanCode, readDynamicCodes, STATIC_CODES } from './huffman-code.ts'

const WINDOW_BYTES = 32768
const BUFFER_BYTES = 4 * WINDOW_BYTES
const LONGEST_MATCH = 258

/**
 * For length symbols from 257 on, and for distance symbols: the smallest value each stands for, and how many extra bits
 * follow.
 */
const LENGTHS = bases([0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5], 3)
const DISTANCES = bases(
  [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13],
  1,
)

function bases(extraBits: number[], first: number): { base: Uint16Array; extra: Uint8Array } {
  const base = new Uint16Array(extraBits.length + 1)
  let next = first
  extraBits.forEach((bits, i) => {
    base[i] = next
    next += 1 << bits
  })
  base[extraBits.length] = LONGEST_MATCH // the last length symbol is an exception
  return { base, extra: Uint8Array.of(...extraBits, 0) }
}

interface Inflation {
  /** Called with each piece, which is valid only during the call. Returns true if that is enough. */
  take(bytes: Uint8Array): boolean
  /** Called before each block: encoders put kilobytes into one, but a block can be made that is nothing but tables. */
  onBlock(): void
}

/** Throws InflateError if the stream is damaged or ends too early. Its checksum is not verified. */
export function inflate(pieces: Uint8Array[], { take, onBlock }: Inflation): void {
  const input = new BitInput(pieces)
  const header = (input.bits(8) << 8) | input.bits(8)
  if ((header & 0x0f00) !== 0x0800 || header % 31 !== 0 || header & 0x20) {
    throw new InflateError('not a zlib stream')
  }
  const output = new Output(take)
  for (let last = 0; last === 0; ) {
    onBlock()
    last = input.bits(1)
    const kind = input.bits(2)
    if (kind === 3) throw new InflateError('a block of an unknown kind')
    if (kind === 0) copyStored(input, output)
    else {
      const { literals, distances } = kind === 1 ? STATIC_CODES : readDynamicCodes(input)
      inflateBlock(input, output, literals, distances)
    }
    if (output.isEnough) return
  }
  output.flush()
}

class Output {
  readonly buffer = new Uint8Array(BUFFER_BYTES)
  end = 0
  /** Bytes before `end` that a match may refer to. */
  reach = 0
  isEnough = false
  private given = 0
  private readonly take: Inflation['take']

  constructor(take: Inflation['take']) {
    this.take = take
  }

  /** Hands out what is new and makes room; the last 32 KiB stay, for matches. */
  flush(): void {
    const { buffer, given, end } = this
    if (end > given && this.take(buffer.subarray(given, end))) this.isEnough = true
    this.reach = Math.min(WINDOW_BYTES, this.reach + end - given)
    buffer.copyWithin(0, end - this.reach, end)
    this.end = this.given = this.reach
  }
}

function copyStored(input: BitInput, output: Output): void {
  const length = input.alignedByte() | (input.alignedByte() << 8)
  const complement = input.alignedByte() | (input.alignedByte() << 8)
  if ((length ^ complement) !== 0xffff) throw new InflateError('a stored block of a damaged length')
  for (let i = 0; i < length && !output.isEnough; i++) {
    if (output.end === BUFFER_BYTES) output.flush()
    output.buffer[output.end++] = input.alignedByte()
  }
  input.checkEnd()
}

/** From here on the runtime's own copying is faster. */
const LONG_MATCH = 64

/** What a match repeats may be shorter than the match: then each copy doubles what there is to copy. Returns the new end. */
function copyMatch(buffer: Uint8Array, end: number, distance: number, length: number): number {
  const from = end - distance
  const stop = end + length
  for (let at = end; at < stop; ) {
    const count = Math.min(at - from, stop - at)
    buffer.copyWithin(at, from, from + count)
    at += count
  }
  return stop
}

/** The hot loop: it works on local variables. */
function inflateBlock(input: BitInput, output: Output, literals: HuffmanCode, distances: HuffmanCode): void {
  const { buffer } = output
  let { end } = output
  for (;;) {
    if (end > BUFFER_BYTES - LONGEST_MATCH) {
      output.end = end
      output.flush()
      if (output.isEnough) return
      input.checkEnd()
      end = output.end
    }
    const symbol = literals.read(input)
    if (symbol < 256) {
      buffer[end++] = symbol
      continue
    }
    if (symbol === 256) break
    const length = (LENGTHS.base[symbol - 257] ?? 0) + input.bits(LENGTHS.extra[symbol - 257] ?? 0)
    const far = distances.read(input)
    const distance = (DISTANCES.base[far] ?? 0) + input.bits(DISTANCES.extra[far] ?? 0)
    if (symbol > 285 || far > 29 || distance > end) throw new InflateError('a match of what is not there')
    if (length < LONG_MATCH)
      for (const stop = end + length; end < stop; end++) buffer[end] = buffer[end - distance]
    else end = copyMatch(buffer, end, distance, length)
  }
  output.end = end
  input.checkEnd()
}
