/**
 * Finds the component in which an image's symbols cost least. A symbol's costs in all components lie side by side here,
 * in a column that is filled in when the symbol first occurs. Adding up columns is ten times as fast as asking each
 * component's tables for each symbol.
 */
export interface ComponentCosts {
  readonly components: number
  /** What it costs to name the component, in 1/256 bits. */
  componentCost(component: number): number
  /**
   * A symbol's cost in each component, written to `costs` from `at` on; `turn` stands for a dimension and the quantizer
   * whose turn it is.
   */
  turnCosts(turn: number, symbol: number, costs: Uint16Array, at: number): void
}

/** Most symbols are from -SMALL to SMALL - 1; their columns may be known ahead of time. */
const SMALL = 8
/** Columns are kept for symbols from -KEPT to KEPT - 1; larger ones are rare. */
const KEPT = 20
/** Columns are padded to a multiple of this many components. */
const FOUR = 4
const NEVER = 2 ** 30

export class ComponentSearch {
  readonly #tables: ComponentCosts
  readonly #turns: number
  /**
   * Costs, below 2^16. [column, component]. Columns of small symbols come first, [turn, symbol + SMALL], then those of
   * the others that are kept, then one for each dimension's larger symbols.
   */
  readonly #costs: Uint16Array
  readonly #known: Uint8Array // [column]
  readonly #own: Int32Array // [component]
  /** Where the columns of the image's symbols begin. [latent] */
  readonly #columns: Int32Array
  #best = 0
  #leastCost = 0

  constructor(tables: ComponentCosts, latents: number, turns: number) {
    const { components } = tables
    this.#tables = tables
    this.#turns = turns
    const padded = Math.ceil(components / FOUR) * FOUR
    this.#known = new Uint8Array(turns * 2 * KEPT)
    this.#costs = new Uint16Array((this.#known.length + latents) * padded)
    this.#own = new Int32Array(padded).fill(NEVER)
    for (let component = 0; component < components; component++)
      this.#own[component] = tables.componentCost(component)
    this.#columns = new Int32Array(latents)
  }

  /** The costs of all small symbols: a view, not a copy. */
  smallCosts(): Uint16Array {
    for (let turn = 0; turn < this.#turns; turn++)
      for (let symbol = -SMALL; symbol < SMALL; symbol++) this.#column(0, turn, symbol)
    return this.#small
  }

  /** `write` fills in what smallCosts() of an equal search returned. */
  async readSmallCosts(write: (costs: Uint16Array) => Promise<void>): Promise<void> {
    await write(this.#small)
    this.#known.fill(1, 0, this.#turns * 2 * SMALL)
  }

  get #small(): Uint16Array {
    return this.#costs.subarray(0, this.#turns * 2 * SMALL * this.#own.length)
  }

  /** turns, symbols: [latent]. The component of least cost; of equals the first. */
  best(turns: Uint16Array, symbols: Int32Array): number {
    const columns = this.#columns
    const padded = this.#own.length
    for (let d = 0; d < columns.length; d++) columns[d] = this.#column(d, turns[d], symbols[d]) * padded
    this.#leastCost = NEVER
    this.#tryFour(this.#best - (this.#best % FOUR)) // the last image's best: with a good one first, most others are soon given up
    for (let component = 0; component < padded; component += FOUR) this.#tryFour(component)
    return this.#best
  }

  /** Four components at a time, in registers, are four times as fast as one by one. */
  #tryFour(component: number): void {
    const costs = this.#costs
    const columns = this.#columns
    const own = this.#own
    const least = this.#leastCost
    let a = own[component]
    let b = own[component + 1]
    let c = own[component + 2]
    let e = own[component + 3]
    for (let d = 0; d < columns.length; d++) {
      const at = columns[d] + component
      a = (a + costs[at]) | 0
      b = (b + costs[at + 1]) | 0
      c = (c + costs[at + 2]) | 0
      e = (e + costs[at + 3]) | 0
      if ((d & 7) === 7 && a > least && b > least && c > least && e > least) return
    }
    this.#keep(component, a)
    this.#keep(component + 1, b)
    this.#keep(component + 2, c)
    this.#keep(component + 3, e)
  }

  #keep(component: number, cost: number): void {
    if (cost > this.#leastCost || (cost === this.#leastCost && component >= this.#best)) return
    this.#leastCost = cost
    this.#best = component
  }

  #column(dimension: number, turn: number, symbol: number): number {
    const column = this.#columnOf(dimension, turn, symbol)
    if (this.#known[column] === 1) return column
    this.#tables.turnCosts(turn, symbol, this.#costs, column * this.#own.length)
    if (column < this.#known.length) this.#known[column] = 1
    return column
  }

  #columnOf(dimension: number, turn: number, symbol: number): number {
    if (symbol >= -SMALL && symbol < SMALL) return turn * 2 * SMALL + symbol + SMALL
    if (symbol < -KEPT || symbol >= KEPT) return this.#known.length + dimension
    const index = symbol < 0 ? symbol + KEPT : symbol + KEPT - 2 * SMALL
    return 2 * (this.#turns * SMALL + turn * (KEPT - SMALL)) + index
  }
}
