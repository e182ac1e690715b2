/** The Huffman codes of deflate (RFC 1951, 3.2). */
import { type BitInput, InflateError } from './bit-input.ts'

const LOOK_BITS = 9
const MAX_BITS = 15

export class HuffmanCode {
  /** By the next 9 bits: symbol << 4 | code length; 0 if the code is longer. */
  private readonly look = new Uint16Array(1 << LOOK_BITS)
  private readonly counts = new Uint16Array(MAX_BITS + 1) // codes of each length
  private readonly symbols: Uint16Array // in the order of their codes

  /** lengths: of each symbol's code; 0 if it has no code. */
  constructor(lengths: ArrayLike<number>, from = 0, count = lengths.length) {
    this.symbols = new Uint16Array(count)
    const { counts } = this
    for (let i = 0; i < count; i++) {
      const length = lengths[from + i] ?? 0
      counts[length] = (counts[length] ?? 0) + 1
    }
    counts[0] = 0
    this.fill(lengths, from, count)
  }

  private fill(lengths: ArrayLike<number>, from: number, count: number): void {
    const codes = new Uint16Array(MAX_BITS + 1) // the next of each length
    const offsets = new Uint16Array(MAX_BITS + 1)
    for (let length = 1, code = 0, offset = 0; length <= MAX_BITS; length++) {
      codes[length] = code
      offsets[length] = offset
      const more = this.counts[length] ?? 0
      if (code + more > 1 << length) throw new InflateError('an over-subscribed code')
      code = (code + more) << 1
      offset += more
    }
    for (let symbol = 0; symbol < count; symbol++) {
      const length = lengths[from + symbol] ?? 0
      if (length === 0) continue
      const code = codes[length] ?? 0
      codes[length] = code + 1
      const offset = offsets[length] ?? 0
      offsets[length] = offset + 1
      this.symbols[offset] = symbol
      if (length > LOOK_BITS) continue
      const step = 1 << length
      for (let i = reversed(code, length); i < 1 << LOOK_BITS; i += step)
        this.look[i] = (symbol << 4) | length
    }
  }

  read(input: BitInput): number {
    if (input.heldBits < MAX_BITS) input.fill()
    const entry = this.look[input.held & ((1 << LOOK_BITS) - 1)] ?? 0
    if (entry === 0) return this.readLong(input)
    input.drop(entry & 15)
    return entry >> 4
  }

  /** Bit by bit, as codes this long are rare. */
  private readLong(input: BitInput): number {
    const { held } = input
    let code = 0
    let first = 0
    let offset = 0
    for (let length = 1; length <= MAX_BITS; length++) {
      code |= (held >>> (length - 1)) & 1
      const count = this.counts[length] ?? 0
      if (code - first < count) {
        input.drop(length)
        return this.symbols[offset + code - first] ?? 0
      }
      offset += count
      first = (first + count) << 1
      code <<= 1
    }
    throw new InflateError('no symbol has the code that is used')
  }
}

/** Codes are stored with their most significant bit first, everything else with the least significant first. */
function reversed(code: number, length: number): number {
  let result = 0
  for (let bit = 0; bit < length; bit++) result |= ((code >> bit) & 1) << (length - 1 - bit)
  return result
}

interface BlockCodes {
  literals: HuffmanCode
  distances: HuffmanCode
}

export const STATIC_CODES: BlockCodes = {
  literals: new HuffmanCode(
    Array.from({ length: 288 }, (_, symbol) => (symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8)),
  ),
  distances: new HuffmanCode(new Array<number>(30).fill(5)),
}

const LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
/** The symbols that repeat a length: 16 repeats the previous one, 17 and 18 zero. */
const REPEATS = [
  { bits: 2, least: 3 },
  { bits: 3, least: 3 },
  { bits: 7, least: 11 },
]

export function readDynamicCodes(input: BitInput): BlockCodes {
  const literalCount = 257 + input.bits(5)
  const distanceCount = 1 + input.bits(5)
  const lengthCount = 4 + input.bits(4)
  if (literalCount > 286 || distanceCount > 30) throw new InflateError('a block of too many symbols')
  const orderLengths = new Uint8Array(19)
  for (const symbol of LENGTH_ORDER.slice(0, lengthCount)) orderLengths[symbol] = input.bits(3)
  const lengthCode = new HuffmanCode(orderLengths)
  const lengths = new Uint8Array(literalCount + distanceCount)
  for (let i = 0; i < lengths.length; ) {
    const symbol = lengthCode.read(input)
    const repeat = REPEATS[symbol - 16]
    if (!repeat) lengths[i++] = symbol
    else {
      const value = symbol === 16 ? lengths[i - 1] : 0
      const stop = i + repeat.least + input.bits(repeat.bits)
      if (value === undefined || stop > lengths.length) throw new InflateError('damaged code lengths')
      lengths.fill(value, i, stop)
      i = stop
    }
  }
  if (lengths[256] === 0) throw new InflateError('a block without an end')
  return {
    literals: new HuffmanCode(lengths, 0, literalCount),
    distances: new HuffmanCode(lengths, literalCount, distanceCount),
  }
}
