/**
 * The entropy model: integer frequency tables, fitted when a model is exported, and the path of an image's symbols
 * through them. An image first names one of K components (table sets), the one that suits it best: a mixture prior
 * over the whole code. tables.bin, all integers little-endian:
 *
 *     for each level: uint32, the byte length of the level's tables, a multiple of 4; then the levels' tables one after
 *     another:
 *     uint32 K
 *     uint32 for each table, where its frequencies begin, and, one further, where the last one's end
 *     int16  for each table, the smallest symbol
 *     uint16 the frequencies, table by table; each table's sum to 2^14, the last is the escape's: a symbol outside
 *            follows as a side bit (1: below) and its distance from the table (1: the next outside) in Exp-Golomb code
 *
 *     table 0 is of components, 1 of PSNRs in half decibels, then for each component and dimension one for each quantizer (trellis.ts)
 */

import { LevelTables } from './level-tables.ts'
import type { SymbolModel } from './symbols.ts'

/** tables.bin -> each level's tables. Throws RangeError if its length is not what it says. */
export function splitTables(tables: Uint8Array, levels: number): Uint8Array[] {
  const view = new DataView(tables.buffer, tables.byteOffset, tables.byteLength)
  const parts: Uint8Array[] = []
  let at = 4 * levels
  for (let level = 0; level < levels; level++) {
    const length = view.getUint32(4 * level, true)
    parts.push(tables.subarray(at, at + length))
    at += length
  }
  if (at !== tables.length) throw new RangeError(`expected ${at} bytes of tables, got ${tables.length}`)
  return parts
}

/** A model's tables, a level's read when it is first used. */
export class EntropyModel implements SymbolModel {
  private readonly levels: (LevelTables | undefined)[] = []
  private parts: readonly (Uint8Array | undefined)[]
  private readonly latents: number

  /** parts: each level's tables; missing ones must not be asked for before complete(). */
  constructor(parts: readonly (Uint8Array | undefined)[], latents: number) {
    this.parts = parts
    this.latents = latents
  }

  get isComplete(): boolean {
    return !this.parts.includes(undefined)
  }

  /** The tables of all levels, where there were only some. */
  complete(parts: readonly Uint8Array[]): void {
    this.parts = parts
  }

  /** Throws RangeError if a level's tables are not sound: asked when a model is made or read, not at the edge. */
  check(): void {
    for (let level = 0; level < this.parts.length; level++) this.level(level).check()
  }

  level(level: number): LevelTables {
    this.levels[level] ??= new LevelTables(this.parts[level]!, this.latents)
    return this.levels[level]!
  }
}
