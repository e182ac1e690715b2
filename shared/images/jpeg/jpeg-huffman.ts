/** Huffman codes and the bits of a JPEG scan (ITU-T T.81, annexes C and F.2.2). */
import { ImageError } from '../errors.ts'

const LOOK_BITS = 8

export interface HuffmanTable {
  /** By the next 8 bits: code length << 8 | symbol; 0 where the code is longer. */
  look: Uint16Array
  /** By code length: the first code that is longer than this, aligned to 16 bits. */
  limit: Int32Array
  /** By code length: what to add to a code to get its place in `symbols`. */
  offset: Int32Array
  symbols: Uint8Array
}

/** DHT: one or more tables, each 16 counts and the symbols in the order of their codes. */
export function readHuffmanTables(
  body: Uint8Array,
  dc: (HuffmanTable | undefined)[],
  ac: (HuffmanTable | undefined)[],
): void {
  for (let at = 0; at < body.length; ) {
    const counts = body.subarray(at + 1, at + 17)
    const total = counts.reduce((sum, count) => sum + count, 0)
    const kind = body[at]! >> 4
    const index = body[at]! & 15
    if (kind > 1 || index > 3 || total > 256 || at + 17 + total > body.length) {
      throw new ImageError('the JPEG has a malformed Huffman table')
    }
    const tables = kind === 0 ? dc : ac
    tables[index] = buildTable(counts, body.subarray(at + 17, at + 17 + total))
    at += 17 + total
  }
}

function buildTable(counts: Uint8Array, symbols: Uint8Array): HuffmanTable {
  const look = new Uint16Array(1 << LOOK_BITS)
  const limit = new Int32Array(18)
  const offset = new Int32Array(18)
  let code = 0
  let index = 0
  for (let length = 1; length <= 16; length++, code <<= 1) {
    offset[length] = index - code
    for (let i = 0; i < counts[length - 1]!; i++, code++, index++) {
      if (code >= 1 << length) throw new ImageError('the JPEG has an over-subscribed Huffman table')
      if (length > LOOK_BITS) continue
      const from = code << (LOOK_BITS - length)
      look.fill((length << 8) | symbols[index]!, from, from + (1 << (LOOK_BITS - length)))
    }
    limit[length] = code << (16 - length)
  }
  limit[17] = 1 << 16
  return { look, limit, offset, symbols }
}

export function needTable(table: HuffmanTable | undefined): HuffmanTable {
  if (!table) throw new ImageError('the JPEG has a scan whose Huffman table is missing')
  return table
}

export function dcBits(symbol: number): number {
  if (symbol > 15)
    throw new ImageError("the JPEG's scan data is damaged: a DC difference of more than 15 bits")
  return symbol
}

/** Reads bits, most significant first, through byte stuffing, up to the next marker. */
export class ScanBits {
  private held = 0
  private heldBits = 0
  private padding = 0 // bits put in after the data's end so that codes can be looked up
  at: number
  private readonly jpeg: Uint8Array

  constructor(jpeg: Uint8Array, at: number) {
    this.jpeg = jpeg
    this.at = at
  }

  /** Holds at least 25 bits, the last of them padding where the data has ended. */
  private fill(): void {
    const { jpeg } = this
    while (this.heldBits <= 24) {
      let byte = 0
      const next = this.at < jpeg.length ? jpeg[this.at]! : 0xff
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

  /** Called now and then: were bits used that are not there? */
  checkEnd(): void {
    if (this.padding > this.heldBits) throw new ImageError("the JPEG's scan data is truncated or damaged")
  }

  symbol({ look, limit, offset, symbols }: HuffmanTable): number {
    if (this.heldBits < 16) this.fill()
    const next = (this.held >>> (this.heldBits - 16)) & 0xffff
    const found = look[next >> (16 - LOOK_BITS)]!
    if (found !== 0) {
      this.heldBits -= found >> 8
      return found & 255
    }
    let length = LOOK_BITS + 1
    while (next >= limit[length]!) length++
    if (length > 16)
      throw new ImageError("the JPEG's scan data is damaged: no symbol has the code that it uses")
    this.heldBits -= length
    return symbols[(next >> (16 - length)) + offset[length]!]!
  }

  bits(count: number): number {
    if (count === 0) return 0
    if (this.heldBits < count) this.fill()
    this.heldBits -= count
    return (this.held >>> this.heldBits) & ((1 << count) - 1)
  }

  skip(count: number): void {
    if (this.heldBits < count) this.fill()
    this.heldBits -= count
  }

  /** A number of `count` bits in JPEG's signed form (T.81, F.2.2.1, EXTEND). */
  signed(count: number): number {
    const value = this.bits(count)
    return count > 0 && value < 1 << (count - 1) ? value - (1 << count) + 1 : value
  }

  /** Passes the restart marker that must come now. */
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
