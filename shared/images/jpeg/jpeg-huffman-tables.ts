/** A JPEG's Huffman tables (ITU-T T.81, annex C), built when a scan needs them. */
import { ImageError } from '../errors.ts'

export const LOOK_BITS = 8
export const SKIP_BITS = 12
export const VALUE_BITS = 10
/** The least that ScanBits.fill() leaves. */
const MAX_SKIPPED_BITS = 25

export interface HuffmanTable {
  /** By the next 8 bits: code length << 8 | symbol; 0 if the code is longer. */
  look: Uint16Array
  /** By code length: the first code that is longer than this, aligned to 16 bits. */
  limit: Int32Array
  /** By code length: what to add to a code to get its index in `symbols`. */
  offset: Int32Array
  symbols: Uint8Array
  /** For AC tables, by the next 12 bits: see skipTable(); made at the first use. */
  skips?: Uint16Array
  /** The same for reading coefficients: see valueTable(). */
  values?: Int32Array
}

const TABLE_SLOTS = 4

export class HuffmanTables {
  private readonly definitions: Record<'dc' | 'ac', (Uint8Array | undefined)[]> = { dc: [], ac: [] }
  private readonly built = new Map<Uint8Array, HuffmanTable>()

  /** DHT: one or more tables, each 16 counts and the symbols in the order of their codes. */
  define(body: Uint8Array): void {
    for (let at = 0; at < body.length; ) {
      const kind = (body[at] ?? 0) >> 4
      const index = (body[at] ?? 0) & 15
      let total = 0
      for (let i = at + 1; i <= at + 16; i++) total += body[i] ?? 0
      const end = at + 17 + total
      if (kind > 1 || index >= TABLE_SLOTS || total > 256 || end > body.length) {
        throw new ImageError('the JPEG has a malformed Huffman table')
      }
      this.definitions[kind === 0 ? 'dc' : 'ac'][index] = body.subarray(at + 1, end)
      at = end
    }
  }

  /** Frames of Motion JPEG leave out the tables of T.81, K.3. Like libjpeg, this takes them for slots 0 and 1. */
  useStandardTables(): void {
    for (const kind of ['dc', 'ac'] as const) {
      STANDARD[kind].forEach((table, index) => {
        this.definitions[kind][index] ??= table
      })
    }
  }

  table(kind: 'dc' | 'ac', index: number): HuffmanTable {
    const definition = this.definitions[kind][index]
    if (!definition) throw new ImageError('the JPEG has a scan whose Huffman table is missing')
    const table = this.built.get(definition) ?? knownTable(definition)
    this.built.set(definition, table)
    return table
  }
}

/** The last tables that images had: most encoders write the same four (T.81, K.3) into every image. */
const known: { definition: Uint8Array; table: HuffmanTable }[] = []
const MAX_KNOWN = 8

function knownTable(definition: Uint8Array): HuffmanTable {
  const found = known.find((each) => isSame(each.definition, definition))
  if (found) return found.table
  const copy = definition.slice() // not a part of the image, which would stay too
  const table = buildTable(copy)
  known.push({ definition: copy, table })
  if (known.length > MAX_KNOWN) known.shift()
  return table
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

function buildTable(definition: Uint8Array): HuffmanTable {
  const counts = definition.subarray(0, 16)
  const symbols = definition.subarray(16)
  const look = new Uint16Array(1 << LOOK_BITS)
  const limit = new Int32Array(18)
  const offset = new Int32Array(18)
  let code = 0
  let index = 0
  for (let length = 1; length <= 16; length++, code <<= 1) {
    offset[length] = index - code
    for (let i = 0; i < (counts[length - 1] ?? 0); i++, code++, index++) {
      if (code >= 1 << length) throw new ImageError('the JPEG has an over-subscribed Huffman table')
      if (length > LOOK_BITS) continue
      const from = code << (LOOK_BITS - length)
      look.fill((length << 8) | (symbols[index] ?? 0), from, from + (1 << (LOOK_BITS - length)))
    }
    limit[length] = code << (16 - length)
  }
  limit[17] = 1 << 16
  return { look, limit, offset, symbols }
}

/**
 * For decoding only DC: by the next 12 bits, how to skip all coefficients whose codes they contain. bits << 8 | 128 if
 * the block ends there | coefficients skipped; 0 if the first code is longer.
 */
export function skipTable({ look }: HuffmanTable): Uint16Array {
  const skips = new Uint16Array(1 << SKIP_BITS)
  for (let window = 0; window < skips.length; window++) {
    let bits = 0
    let passed = 0
    let isEnd = 0
    while (isEnd === 0 && bits + LOOK_BITS <= SKIP_BITS) {
      const found = look[(window >> (SKIP_BITS - LOOK_BITS - bits)) & ((1 << LOOK_BITS) - 1)] ?? 0
      const symbol = found & 255
      const size = symbol & 15
      const codeBits = (found >> 8) + size
      const run = size > 0 || symbol === 0xf0 ? (symbol >> 4) + 1 : 0 // 0: the end of the block
      if (found === 0 || bits + codeBits > MAX_SKIPPED_BITS || passed + run > 63) break
      bits += codeBits
      passed += run
      if (run === 0) isEnd = 128
    }
    skips[window] = (bits << 8) | isEnd | passed
  }
  return skips
}

/**
 * By the next 10 bits, the coefficient whose code they contain: value << 16 | zeros before it << 8 | bits. The end of
 * the block is 64 zeros, and a run of 16 zeros is 15 and a zero; 0 if the code takes more bits.
 */
export function valueTable({ look }: HuffmanTable): Int32Array {
  const values = new Int32Array(1 << VALUE_BITS)
  for (let window = 0; window < values.length; window++) {
    const found = look[window >> (VALUE_BITS - LOOK_BITS)] ?? 0
    const size = found & 15
    const bits = (found >> 8) + size
    if (found === 0 || bits > VALUE_BITS) continue
    const zeros = size > 0 ? (found >> 4) & 15 : (found & 255) === 0xf0 ? 15 : 64
    const value = (window >> (VALUE_BITS - bits)) & ((1 << size) - 1)
    const signed = size > 0 && value < 1 << (size - 1) ? value - (1 << size) + 1 : value // T.81, F.2.2.1, EXTEND
    values[window] = (signed << 16) | (zeros << 8) | bits
  }
  return values
}

/** Sixteen counts, then the symbols, in hexadecimal. */
const bytes = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))

/** The tables for luminance and chrominance. */
const STANDARD = {
  dc: [
    bytes('00010501010101010100000000000000000102030405060708090a0b'),
    bytes('00030101010101010101010000000000000102030405060708090a0b'),
  ],
  ac: [
    bytes(
      '0002010303020403050504040000017d01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a' +
        '161718191a25262728292a3435363738393a434445464748494a535455565758595a636465666768696a737475767778797a' +
        '838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9da' +
        'e1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa',
    ),
    bytes(
      '00020102040403040705040400010277000102031104052131061241510761711322328108144291a1b1c109233352f0156272d10a1624' +
        '34e125f11718191a262728292a35363738393a434445464748494a535455565758595a636465666768696a737475767778797a' +
        '82838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9da' +
        'e2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9fa',
    ),
  ],
}
