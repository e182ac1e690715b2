/**
 * The entropy model: integer frequency tables, fitted when a model is exported. A code first names one of K components
 * (sets of tables), the one that suits its image best: a mixture prior over the whole code. tables.bin, all integers
 * little-endian:
 *
 *     for each level: uint32, the byte length of the level's tables, a multiple of 4; then the levels' tables one after
 *     another:
 *     uint32 K
 *     uint32 for each table, where its frequencies begin, and, one further, where the last one's end
 *     int16  for each table, the smallest symbol
 *     uint16 the frequencies, table by table. A table's frequencies sum to 2^14; its last one is the escape's: a symbol
 *            outside the table follows as a side bit (1: below) and its distance from the table (from 1) in Exp-Golomb
 *            code
 *
 *     Table 0 codes the component, table 1 the PSNR in half decibels; then for each component and dimension there is a
 *     table per quantizer (trellis.ts).
 */

import { LevelTables } from './level-tables.ts'
import type { SymbolModel } from './symbols.ts'

/** tables.bin -> each level's tables. Throws RangeError if its length is not the one it states. */
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

/** A model's tables. Those of a level are read when it is first used. */
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

  /** Adds the tables of the levels that were missing. */
  complete(parts: readonly Uint8Array[]): void {
    this.parts = parts
  }

  /**
   * Throws RangeError if a level's tables are not sound. Called when a model is exported or read from disk, not by the
   * service.
   */
  check(): void {
    for (let level = 0; level < this.parts.length; level++) this.level(level).check()
  }

  level(level: number): LevelTables {
    this.levels[level] ??= new LevelTables(this.parts[level]!, this.latents)
    return this.levels[level]!
  }
}
