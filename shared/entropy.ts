/**
 * The entropy model: integer frequency tables, fitted when a model is exported, and the way of an image's symbols
 * through them. An image first names one of K components (table sets), the one that suits it best: a mixture prior
 * over the whole code. tables.bin, little-endian:
 *
 *     for each level: uint32, the byte length of the level's tables, then the levels' tables one after another:
 *     a table of components, a table of errors, then for each component a table for each latent dimension
 *     a table: int16 the smallest symbol, uint16 count, count x uint16 frequencies that sum to 2^14;
 *              the last is the escape's: a symbol outside follows as a side bit and an Exp-Golomb magnitude
 */
import { CodecError } from './errors.ts'
import { RangeDecoder, RangeEncoder, TABLE_BITS, TABLE_TOTAL } from './range-coder.ts'

export interface Symbols {
  component: number
  /** The error compress saw: its PSNR in half decibels. */
  error: number
  /** [latent] */
  latent: Int32Array
}

/** Costs are integers, in 1/256 bits, so that choices made by cost are the same on every machine. */
export const COST_UNITS_PER_BIT = 256
const HALF = TABLE_TOTAL / 2
const MAX_ESCAPE = 2 ** 20

/** Cost of each frequency. Rounded to 1/256 bits no value is near a tie, so an ulp in log2 does not matter. */
const COSTS = Uint16Array.from({ length: TABLE_TOTAL + 1 }, (_, frequency) =>
  frequency === 0 ? 0xffff : Math.round(COST_UNITS_PER_BIT * (TABLE_BITS - Math.log2(frequency))),
)

const COMPONENT_TABLE = 0
const ERROR_TABLE = 1
const FIRST_LATENT_TABLE = 2

/** A level's tables in flat arrays; table 0 is of components, 1 of errors, 2 + component * latents + dimension. */
export class LevelTables {
  readonly components: number
  private readonly latents: number
  private readonly smallest: number[] = []
  /** Where a table's entries begin in the flat arrays, and, one further, where they end. */
  private readonly first: number[] = [0]
  private readonly starts: Uint16Array
  private readonly sizes: Uint16Array
  private readonly costs: Uint16Array

  constructor(bytes: Uint8Array, latents: number) {
    this.latents = latents
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.starts = new Uint16Array(bytes.length >> 1)
    this.sizes = new Uint16Array(bytes.length >> 1)
    this.costs = new Uint16Array(bytes.length >> 1)
    for (let at = 0; at < bytes.length; ) at = this.readTable(view, at)
    this.components = this.first[1]! - 1
  }

  private readTable(view: DataView, at: number): number {
    this.smallest.push(view.getInt16(at, true))
    const count = view.getUint16(at + 2, true)
    let entry = this.first.at(-1)!
    let start = 0
    for (let i = 0; i < count; i++, entry++) {
      const size = view.getUint16(at + 4 + 2 * i, true)
      this.starts[entry] = start
      this.sizes[entry] = size
      this.costs[entry] = COSTS[size]!
      start += size
    }
    if (start !== TABLE_TOTAL)
      throw new RangeError(`a table's frequencies sum to ${start}, not ${TABLE_TOTAL}`)
    this.first.push(entry)
    return at + 4 + 2 * count
  }

  private latentTable(component: number): number {
    return FIRST_LATENT_TABLE + component * this.latents
  }

  /** Cost of a symbol of one latent dimension, in 1/256 bits. */
  cost(component: number, dimension: number, symbol: number): number {
    return this.tableCost(this.latentTable(component) + dimension, symbol)
  }

  private tableCost(table: number, symbol: number): number {
    const index = symbol - this.smallest[table]!
    const escapeEntry = this.first[table + 1]! - 1
    const entry = this.first[table]! + index
    if (index >= 0 && entry < escapeEntry) return this.costs[entry]!
    const magnitude = index < 0 ? -index : entry - escapeEntry + 1
    return this.costs[escapeEntry]! + COST_UNITS_PER_BIT * (2 + 2 * (31 - Math.clz32(magnitude)))
  }

  /** Cost of an image's component and latent symbols, in 1/256 bits; counted no further than to `enough`. */
  latentCost(component: number, latent: Int32Array, enough = Number.POSITIVE_INFINITY): number {
    const table = this.latentTable(component)
    let cost = this.tableCost(COMPONENT_TABLE, component)
    for (let d = 0; d < this.latents && cost < enough; d++) cost += this.tableCost(table + d, latent[d]!)
    return cost
  }

  /** The component in which the symbols cost least. */
  bestComponent(latent: Int32Array): number {
    let best = 0
    let bestCost = Number.POSITIVE_INFINITY
    for (let component = 0; component < this.components; component++) {
      const cost = this.latentCost(component, latent, bestCost)
      if (cost < bestCost) {
        best = component
        bestCost = cost
      }
    }
    return best
  }

  /** Ideal length of the whole payload in bits, under these tables. */
  rateBits({ component, error, latent }: Symbols): number {
    return (this.latentCost(component, latent) + this.tableCost(ERROR_TABLE, error)) / COST_UNITS_PER_BIT
  }

  pack({ component, error, latent }: Symbols): Uint8Array {
    const coder = new RangeEncoder()
    this.packSymbol(coder, COMPONENT_TABLE, component)
    this.packSymbol(coder, ERROR_TABLE, error)
    const table = this.latentTable(component)
    for (let d = 0; d < this.latents; d++) this.packSymbol(coder, table + d, latent[d]!)
    return coder.finish()
  }

  private packSymbol(coder: RangeEncoder, table: number, symbol: number): void {
    const index = symbol - this.smallest[table]!
    const escapeEntry = this.first[table + 1]! - 1
    const entry = this.first[table]! + index
    if (index >= 0 && entry < escapeEntry) coder.encode(this.starts[entry]!, this.sizes[entry]!)
    else {
      coder.encode(this.starts[escapeEntry]!, this.sizes[escapeEntry]!)
      packEscape(coder, index < 0, index < 0 ? -index : entry - escapeEntry + 1)
    }
  }

  /** Throws CodecError unless the payload is exactly what pack() writes for some symbols. */
  unpack(payload: Uint8Array): Symbols {
    const coder = new RangeDecoder(payload)
    const component = this.unpackSymbol(coder, COMPONENT_TABLE)
    const error = this.unpackSymbol(coder, ERROR_TABLE)
    const latent = new Int32Array(this.latents)
    const table = this.latentTable(component)
    for (let d = 0; d < this.latents; d++) latent[d] = this.unpackSymbol(coder, table + d)
    const symbols = { component, error, latent }
    if (!equalBytes(this.pack(symbols), payload))
      throw new CodecError('the payload does not encode back to itself: the code was altered or cut')
    return symbols
  }

  private unpackSymbol(coder: RangeDecoder, table: number): number {
    const target = coder.peek()
    if (target >= TABLE_TOTAL) throw new CodecError('the payload holds a value that no encoder writes')
    const escapeEntry = this.first[table + 1]! - 1
    let low = this.first[table]!
    let high = escapeEntry
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (this.starts[middle]! <= target && middle <= escapeEntry) low = middle
      else high = middle - 1
    }
    coder.consume(this.starts[low]!, this.sizes[low]!)
    const index = low - this.first[table]!
    if (low < escapeEntry) return this.smallest[table]! + index
    const { below, magnitude } = unpackEscape(coder)
    return this.smallest[table]! + (below ? -magnitude : index + magnitude - 1)
  }
}

function packEscape(coder: RangeEncoder, below: boolean, magnitude: number): void {
  if (magnitude >= MAX_ESCAPE) throw new RangeError(`symbols lie within ${MAX_ESCAPE} of their table`)
  const bit = (value: number) => coder.encode(value ? HALF : 0, HALF)
  bit(below ? 1 : 0)
  const bits = 31 - Math.clz32(magnitude)
  for (let i = 0; i < bits; i++) bit(1)
  bit(0)
  for (let i = bits - 1; i >= 0; i--) bit((magnitude >>> i) & 1)
}

function unpackEscape(coder: RangeDecoder): { below: boolean; magnitude: number } {
  const bit = () => {
    const value = coder.peek() >= HALF ? 1 : 0
    coder.consume(value ? HALF : 0, HALF)
    return value
  }
  const below = bit() === 1
  let bits = 0
  while (bit()) if (++bits >= 20) throw new CodecError('the payload holds a symbol out of every range')
  let magnitude = 1
  for (let i = 0; i < bits; i++) magnitude = (magnitude << 1) | bit()
  return { below, magnitude }
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** A model's tables, a level read when it is first used. */
export class EntropyModel {
  private readonly levels: (LevelTables | undefined)[] = []
  private readonly spans: Uint8Array[] = []
  private readonly latents: number

  constructor(tables: Uint8Array, latents: number, levels: number) {
    this.latents = latents
    const view = new DataView(tables.buffer, tables.byteOffset, tables.byteLength)
    let at = 4 * levels
    for (let level = 0; level < levels; level++) {
      const length = view.getUint32(4 * level, true)
      this.spans.push(tables.subarray(at, at + length))
      at += length
    }
    if (at !== tables.length) throw new RangeError(`expected ${at} bytes of tables, got ${tables.length}`)
  }

  level(level: number): LevelTables {
    this.levels[level] ??= new LevelTables(this.spans[level]!, this.latents)
    return this.levels[level]!
  }
}
