/** The bits of a JPEG scan (ITU-T T.81, annex F.2.2). */
import { ImageError } from '../errors.ts'
import {
  type HuffmanTable,
  LOOK_BITS,
  SKIP_BITS,
  skipTable,
  VALUE_BITS,
  valueTable,
} from './jpeg-huffman-tables.ts'

export function dcBits(symbol: number): number {
  if (symbol > 15)
    throw new ImageError("the JPEG's scan data is damaged: a DC difference of more than 15 bits")
  return symbol
}

const tooMany = () => new ImageError("the JPEG's scan data is damaged: a block has more than 64 coefficients")

/** Reads bits, most significant first, through byte stuffing, up to the next marker. */
export class ScanBits {
  private held = 0
  private heldBits = 0
  private padding = 0 // bits appended after the data's end, so that codes can be looked up
  at: number
  private readonly jpeg: Uint8Array

  constructor(jpeg: Uint8Array, at: number) {
    this.jpeg = jpeg
    this.at = at
  }

  /** Afterwards at least 25 bits are held; once the data has ended, the last of them are padding. */
  private fill(): void {
    const { jpeg } = this
    while (this.heldBits <= 24) {
      let byte = 0
      const next = jpeg[this.at] ?? 0xff
      if (next !== 0xff) {
        byte = next
        this.at++
      } else if (jpeg[this.at + 1] === 0) {
        byte = 0xff
        this.at += 2
      } else this.padding += 8
      this.held = (this.held << 8) | byte
      this.heldBits += 8
    }
  }

  /** Throws if bits beyond the end have been used. Called from time to time. */
  checkEnd(): void {
    if (this.padding > this.heldBits) throw new ImageError("the JPEG's scan data is truncated or damaged")
  }

  symbol({ look, limit, offset, symbols }: HuffmanTable): number {
    if (this.heldBits < 16) this.fill()
    const next = (this.held >>> (this.heldBits - 16)) & 0xffff
    const found = look[next >> (16 - LOOK_BITS)] ?? 0
    if (found !== 0) {
      this.heldBits -= found >> 8
      return found & 255
    }
    let length = LOOK_BITS + 1
    while (next >= (limit[length] ?? 0)) length++
    if (length > 16)
      throw new ImageError("the JPEG's scan data is damaged: no symbol has the code that it uses")
    this.heldBits -= length
    return symbols[(next >> (16 - length)) + (offset[length] ?? 0)] ?? 0
  }

  /**
   * A block's AC coefficients that are not zero, in zigzag order, as value << 6 | zigzag index; returns how many. Its
   * state is in locals, which takes half the time.
   */
  coefficients(table: HuffmanTable, found: Int32Array): number {
    table.values ??= valueTable(table)
    const { values } = table
    let { held, heldBits } = this
    let count = 0
    for (let k = 1; k < 64; k++) {
      if (heldBits < VALUE_BITS) {
        this.held = held
        this.heldBits = heldBits
        this.fill()
        held = this.held
        heldBits = this.heldBits
      }
      const entry = values[(held >>> (heldBits - VALUE_BITS)) & ((1 << VALUE_BITS) - 1)]
      let value = entry >> 16
      if (entry !== 0) {
        heldBits -= entry & 255
        k += (entry >> 8) & 255
      } else {
        this.heldBits = heldBits
        this.held = held
        const symbol = this.symbol(table)
        const size = symbol & 15
        if (size === 0 && symbol !== 0xf0) return count // the end of the block, by a long code
        k += symbol >> 4
        value = this.signed(size)
        held = this.held
        heldBits = this.heldBits
      }
      if (value === 0) continue
      if (k > 63) throw tooMany()
      found[count++] = (value << 6) | k
    }
    this.held = held
    this.heldBits = heldBits
    return count
  }

  /** Skips a block's AC coefficients, several at a time. */
  skipCoefficients(table: HuffmanTable): void {
    table.skips ??= skipTable(table)
    const { skips } = table
    for (let k = 1; k < 64; ) {
      if (this.heldBits < 25) this.fill()
      const entry = skips[(this.held >>> (this.heldBits - SKIP_BITS)) & ((1 << SKIP_BITS) - 1)] ?? 0
      const next = k + (entry & 127)
      if (entry === 0 || next > 63) k = this.skipCoefficient(table, k)
      else {
        this.heldBits -= entry >> 8
        if (entry & 128) return
        k = next
      }
    }
  }

  /** Returns the zigzag index after the coefficient and the zeros before it. */
  private skipCoefficient(table: HuffmanTable, k: number): number {
    const symbol = this.symbol(table)
    const size = symbol & 15
    if (size === 0) return symbol === 0xf0 ? k + 16 : 64 // the end of the block
    const at = k + (symbol >> 4)
    if (at > 63) throw tooMany()
    this.bits(size)
    return at + 1
  }

  bits(count: number): number {
    if (count === 0) return 0
    if (this.heldBits < count) this.fill()
    this.heldBits -= count
    return (this.held >>> this.heldBits) & ((1 << count) - 1)
  }

  /** A number of `count` bits in JPEG's signed form (T.81, F.2.2.1, EXTEND). */
  signed(count: number): number {
    const value = this.bits(count)
    return count > 0 && value < 1 << (count - 1) ? value - (1 << count) + 1 : value
  }

  /** Skips the restart marker that must come here. */
  restart(): void {
    this.checkEnd()
    this.held = this.heldBits = this.padding = 0
    const marker = this.jpeg[this.at] === 0xff ? this.jpeg[this.at + 1] : undefined
    if (marker === undefined || marker < 0xd0 || marker > 0xd7) {
      throw new ImageError('expected a restart marker in the JPEG')
    }
    this.at += 2
  }
}
