/** Blocks of a progressive scan (ITU-T T.81, annex G): spectral selection and successive approximation. */
import { ImageError } from '../errors.ts'
import type { CellsPerSide } from './cells/jpeg-cells.ts'
import { dcBits, type ScanBits } from './jpeg-bits.ts'
import type { ScanHeader } from './jpeg-frame.ts'
import type { HuffmanTable, HuffmanTables } from './jpeg-huffman-tables.ts'
import type { Plane } from './jpeg-plane.ts'

export class ProgressiveScan {
  private readonly predictions: number[]
  private readonly tables: HuffmanTable[]
  private endOfBandRun = 0 // blocks still to come whose band has no more coefficients
  private readonly bits: ScanBits
  private readonly header: ScanHeader
  private readonly blockSize: number

  constructor(bits: ScanBits, header: ScanHeader, tables: HuffmanTables, n: CellsPerSide) {
    this.bits = bits
    this.header = header
    this.blockSize = n === 1 ? 1 : 64
    this.predictions = header.components.map(() => 0)
    const isDcRefinement = header.spectralStart === 0 && header.high > 0 // which has no codes
    this.tables = isDcRefinement
      ? []
      : header.components.map(({ dc, ac }) =>
          header.spectralStart === 0 ? tables.table('dc', dc) : tables.table('ac', ac),
        )
  }

  restart(): void {
    this.predictions.fill(0)
    this.endOfBandRun = 0
  }

  decode(plane: Plane, part: number, blockX: number, blockY: number): void {
    const block = blockY * plane.mcuBlocksAcross + blockX
    const { spectralStart, high } = this.header
    if (spectralStart === 0) this.decodeDc(plane.coefficients, block * this.blockSize, part)
    else if (high === 0) this.decodeAc(plane, block)
    else this.refineAc(plane, block)
  }

  private decodeDc(coefficients: Int16Array, at: number, part: number): void {
    const { high, low } = this.header
    if (high > 0) {
      coefficients[at] = (coefficients[at] ?? 0) | (this.bits.bits(1) << low)
      return
    }
    const difference = this.bits.signed(dcBits(this.bits.symbol(this.tables[part] as HuffmanTable)))
    const value = (this.predictions[part] ?? 0) + difference
    this.predictions[part] = value
    coefficients[at] = value << low
  }

  private decodeAc({ coefficients, lastNonzero }: Plane, block: number): void {
    if (this.endOfBandRun > 0) {
      this.endOfBandRun--
      return
    }
    const { spectralStart, spectralEnd, low } = this.header
    for (let k = spectralStart; k <= spectralEnd; k++) {
      const symbol = this.bits.symbol(this.tables[0] as HuffmanTable)
      const run = symbol >> 4
      const size = symbol & 15
      if (size === 0 && run < 15) {
        this.endOfBandRun = (1 << run) + this.bits.bits(run) - 1 // this block included
        return
      }
      k += run
      if (k > spectralEnd) throw beyondBand()
      if (size === 0) continue
      coefficients[64 * block + k] = this.bits.signed(size) << low
      lastNonzero[block] = Math.max(lastNonzero[block] ?? 0, k)
    }
  }

  /** Reads one more bit of each coefficient that is not zero, and new coefficients between them (T.81, G.1.2.3). */
  private refineAc(plane: Plane, block: number): void {
    const { spectralStart, spectralEnd, low } = this.header
    const { coefficients, lastNonzero } = plane
    let k = spectralStart
    if (this.endOfBandRun === 0) {
      while (k <= spectralEnd) {
        const symbol = this.bits.symbol(this.tables[0] as HuffmanTable)
        const run = symbol >> 4
        const size = symbol & 15
        if (size === 0 && run < 15) {
          this.endOfBandRun = (1 << run) + this.bits.bits(run)
          break
        }
        if (size > 1) {
          throw new ImageError("the JPEG's scan data is damaged: a refinement of more than one bit")
        }
        const value = size === 0 ? 0 : this.bits.bits(1) === 1 ? 1 << low : -1 << low
        k = this.refineUpTo(plane, block, k, run)
        if (k > spectralEnd) {
          if (size > 0) throw beyondBand()
          break
        }
        if (size > 0) {
          coefficients[64 * block + k] = value
          lastNonzero[block] = Math.max(lastNonzero[block] ?? 0, k)
        }
        k++
      }
    }
    if (this.endOfBandRun > 0) {
      this.refineUpTo(plane, block, k, 64)
      this.endOfBandRun--
    }
  }

  /** Refines coefficients from k on and skips `zeros` that are zero; returns the index of the next zero. */
  private refineUpTo(
    { coefficients, lastNonzero }: Plane,
    block: number,
    start: number,
    zeros: number,
  ): number {
    const { spectralEnd, low } = this.header
    const bit = 1 << low
    const end = Math.min(spectralEnd, lastNonzero[block] ?? 0)
    let left = zeros
    let k = start
    for (; k <= end; k++) {
      const value = coefficients[64 * block + k] ?? 0
      if (value === 0) {
        if (left-- === 0) return k
      } else if (this.bits.bits(1) === 1 && (Math.abs(value) & bit) === 0) {
        coefficients[64 * block + k] = value + (value > 0 ? bit : -bit)
      }
    }
    return Math.min(spectralEnd + 1, k + left) // nothing but zeros from here on
  }
}

function beyondBand(): ImageError {
  return new ImageError("the JPEG's scan data is damaged: a coefficient beyond its band")
}
