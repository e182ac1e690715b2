/** An image's symbols, and what quantizers and searches ask of the tables that code them. */

export interface Symbols {
  component: number
  /** The PSNR that compress measured, in half decibels. */
  psnrHalfDb: number
  /** [latent] */
  latent: Int32Array
}

/** What quantizers and searches ask of a rate level: the cost of symbols, in 1/256 bits. */
export interface SymbolTables {
  readonly components: number
  cost(component: number, dimension: number, quantizer: number, symbol: number): number
  /** What an image's component and latent symbols cost. */
  latentCost(component: number, latent: Int32Array): number
  /** The component in which the symbols cost least. */
  bestComponent(latent: Int32Array): number
  /** Ideal length of the symbols in bits. */
  rateBits(symbols: Symbols): number
  /** How far from zero a dimension's values may lie, in quantization steps. Absent: any distance. */
  reach?(component: number, dimension: number): number
}

export interface SymbolModel {
  /** The tables of all levels are here. */
  readonly isComplete: boolean
  level(level: number): SymbolTables
  /** Throws RangeError if the tables are not sound. */
  check(): void
}

/** Costs are integers, in 1/256 bits, so choices made by cost are the same on every machine. */
export const COST_UNITS_PER_BIT = 256
