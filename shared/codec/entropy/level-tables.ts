/** One rate level's frequency tables: what symbols cost, and symbols -> bytes and back. */
import { CodecError } from '../errors.ts'
import { nextState, QUANTIZERS, quantizerOf } from '../quantize/trellis.ts'
import { type ComponentCosts, ComponentSearch } from './component-search.ts'
import { packEscape, unpackEscape } from './escape.ts'
import { type RangeDecoder, type RangeEncoder, TABLE_BITS, TABLE_TOTAL } from './range-coder.ts'
import { COST_UNITS_PER_BIT, type Symbols, type SymbolTables } from './symbols.ts'

const COMPONENT_TABLE = 0
const PSNR_TABLE = 1
const FIRST_LATENT_TABLE = 2

/** No value is near a tie when rounded to 1/256 bits, so an engine's last bit of log2 does not matter. */
const frequencyCost = (frequency: number) =>
  Math.round(COST_UNITS_PER_BIT * (TABLE_BITS - Math.log2(frequency)))

const bytesOf = ({ buffer, byteOffset, byteLength }: Uint16Array) =>
  new Uint8Array(buffer, byteOffset, byteLength)

/** A level's tables, read in place: nothing is unpacked, so a level costs nothing until it is used. */
export class LevelTables implements ComponentCosts, SymbolTables {
  readonly components: number
  private readonly latents: number
  private readonly smallest: Int16Array
  /** Where a table's frequencies begin, and, one further, where they end. */
  private readonly first: Uint32Array
  private readonly frequencies: Uint16Array
  /** Each frequency's cost plus one, computed when first needed; zero means not known yet. */
  private readonly costs: Uint16Array
  /** For each dimension, its table's index in a component's, by the quantizer whose turn it is. [latent] */
  private readonly turns: Uint16Array
  private search: ComponentSearch | undefined

  /** bytes: a level's part of tables.bin; check() says whether it is sound. */
  constructor(bytes: Uint8Array, latents: number) {
    const { buffer, byteOffset } = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes)
    this.components = new Uint32Array(buffer, byteOffset, 1)[0]
    this.latents = latents
    this.turns = new Uint16Array(latents)
    const tables = FIRST_LATENT_TABLE + this.components * latents * QUANTIZERS
    this.first = new Uint32Array(buffer, byteOffset + 4, tables + 1)
    this.smallest = new Int16Array(buffer, byteOffset + 4 * (tables + 2), tables)
    this.frequencies = new Uint16Array(buffer, byteOffset + 4 * (tables + 2) + 2 * tables, this.first[tables])
    this.costs = new Uint16Array(this.frequencies.length)
  }

  /** Throws RangeError if a table's frequencies do not sum to 2^14 or one is zero. */
  check(): void {
    if (this.smallest[COMPONENT_TABLE] !== 0 || this.first[1] !== this.components + 1)
      throw new RangeError(`expected a table of components 0 to ${this.components - 1} and an unused escape`)
    const { first, frequencies } = this
    if (first[0] !== 0) throw new RangeError('the tables do not follow one another')
    for (let table = 0; table + 1 < first.length; table++) {
      const end = first[table + 1]
      if (end < first[table] || end > frequencies.length)
        throw new RangeError('the tables do not follow one another')
      let total = 0
      let zeros = 0
      for (let i = first[table]; i < end; i++) {
        total += frequencies[i]
        if (frequencies[i] === 0) zeros++
      }
      const unused = table === COMPONENT_TABLE ? 1 : 0 // its escape, the last
      if (total !== TABLE_TOTAL || zeros !== unused || (unused === 1 && frequencies[end - 1] !== 0))
        throw new RangeError(`a table's frequencies sum to ${total}, not ${TABLE_TOTAL}, or a wrong one is 0`)
    }
  }

  private latentTable(component: number): number {
    return FIRST_LATENT_TABLE + component * this.latents * QUANTIZERS
  }

  /** Cost of a symbol of one latent dimension, in 1/256 bits. */
  cost(component: number, dimension: number, quantizer: number, symbol: number): number {
    return this.turnCost(component, dimension * QUANTIZERS + quantizer, symbol)
  }

  private tableCost(table: number, symbol: number): number {
    const index = symbol - this.smallest[table]
    const escapeEntry = this.first[table + 1] - 1
    const entry = this.first[table] + index
    if (index >= 0 && entry < escapeEntry) return this.entryCost(entry)
    const magnitude = index < 0 ? -index : entry - escapeEntry + 1
    return this.entryCost(escapeEntry) + COST_UNITS_PER_BIT * (2 + 2 * (31 - Math.clz32(magnitude)))
  }

  private entryCost(entry: number): number {
    const known = this.costs[entry]
    if (known !== 0) return known - 1
    const cost = frequencyCost(this.frequencies[entry])
    this.costs[entry] = cost + 1
    return cost
  }

  componentCost(component: number): number {
    return this.tableCost(COMPONENT_TABLE, component)
  }

  turnCost(component: number, turn: number, symbol: number): number {
    return this.tableCost(this.latentTable(component) + turn, symbol)
  }

  /**
   * The cost in all components, written to `costs` from `at` on. One loop without calls, to be fast even before V8
   * compiles it.
   */
  turnCosts(turn: number, symbol: number, costs: Uint16Array, at: number): void {
    const { first, smallest, frequencies, latents, components } = this
    let table = FIRST_LATENT_TABLE + turn
    for (let component = 0; component < components; component++, table += latents * QUANTIZERS) {
      const entry = first[table] + symbol - smallest[table]
      const isInside = symbol >= smallest[table] && entry < first[table + 1] - 1
      costs[at + component] = isInside ? frequencyCost(frequencies[entry]) : this.tableCost(table, symbol)
    }
  }

  /** Cost of an image's component and latent symbols, in 1/256 bits. */
  latentCost(component: number, latent: Int32Array): number {
    this.takeTurns(latent)
    let cost = this.componentCost(component)
    for (let d = 0; d < this.latents; d++) cost += this.turnCost(component, this.turns[d], latent[d])
    return cost
  }

  private takeTurns(latent: Int32Array): void {
    let state = 0
    for (let d = 0; d < this.latents; d++) {
      this.turns[d] = d * QUANTIZERS + quantizerOf(state)
      state = nextState(state, latent[d])
    }
  }

  /** The component in which the symbols cost least. */
  bestComponent(latent: Int32Array): number {
    this.takeTurns(latent)
    this.search ??= this.newSearch()
    return this.search.best(this.turns, latent)
  }

  private newSearch(): ComponentSearch {
    return new ComponentSearch(this, this.latents, this.latents * QUANTIZERS)
  }

  /**
   * The costs that bestComponent() mostly adds up, to be kept with the model: computing them takes the first image a
   * millisecond.
   */
  searchCosts(): Uint8Array {
    return bytesOf(this.newSearch().smallCosts())
  }

  /** `write` fills in what searchCosts() of these tables returned. */
  async readSearchCosts(write: (costs: Uint8Array) => Promise<void>): Promise<void> {
    const search = this.newSearch()
    await search.readSmallCosts((costs) => write(bytesOf(costs)))
    this.search = search
  }

  /** Ideal length of the symbols in bits, under these tables. */
  rateBits({ component, psnrHalfDb, latent }: Symbols): number {
    return (this.latentCost(component, latent) + this.tableCost(PSNR_TABLE, psnrHalfDb)) / COST_UNITS_PER_BIT
  }

  pack(coder: RangeEncoder, { component, psnrHalfDb, latent }: Symbols): void {
    this.packSymbol(coder, COMPONENT_TABLE, component)
    this.packSymbol(coder, PSNR_TABLE, psnrHalfDb)
    this.takeTurns(latent)
    const table = this.latentTable(component)
    for (let d = 0; d < this.latents; d++) this.packSymbol(coder, table + this.turns[d], latent[d])
  }

  private packSymbol(coder: RangeEncoder, table: number, symbol: number): void {
    const index = symbol - this.smallest[table]
    const escapeEntry = this.first[table + 1] - 1
    const entry = this.first[table] + index
    const isEscape = index < 0 || entry >= escapeEntry
    const coded = isEscape ? escapeEntry : entry
    let start = 0
    for (let i = this.first[table]; i < coded; i++) start += this.frequencies[i]
    coder.encode(start, this.frequencies[coded])
    if (isEscape) packEscape(coder, index < 0, index < 0 ? -index : entry - escapeEntry + 1)
  }

  /** Throws CodecError if pack() could not have written the bytes, as far as single symbols tell. */
  unpack(coder: RangeDecoder): Symbols {
    const component = this.unpackSymbol(coder, COMPONENT_TABLE)
    const psnrHalfDb = this.unpackSymbol(coder, PSNR_TABLE)
    const latent = new Int32Array(this.latents)
    const table = this.latentTable(component)
    for (let d = 0, state = 0; d < this.latents; d++) {
      latent[d] = this.unpackSymbol(coder, table + d * QUANTIZERS + quantizerOf(state))
      state = nextState(state, latent[d])
    }
    return { component, psnrHalfDb, latent }
  }

  private unpackSymbol(coder: RangeDecoder, table: number): number {
    const target = coder.peek()
    if (target >= TABLE_TOTAL) throw new CodecError('the payload holds a value that no encoder writes')
    let entry = this.first[table]
    let start = 0
    while (start + this.frequencies[entry] <= target) start += this.frequencies[entry++]
    coder.consume(start, this.frequencies[entry])
    const index = entry - this.first[table]
    if (entry < this.first[table + 1] - 1) return this.smallest[table] + index
    const { below, magnitude } = unpackEscape(coder)
    return this.smallest[table] + (below ? -magnitude : index + magnitude - 1)
  }
}
