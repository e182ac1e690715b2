/** Blocks of a progressive scan (ITU-T T.81, annex G): spectral selection and successive approximation. */
import { ImageError } from '../errors.ts'
import type { CellsPerSide } from './jpeg-cells.ts'
import type { JpegMarkers, ScanHeader } from './jpeg-header.ts'
import { dcBits, type HuffmanTable, needTable, type ScanBits } from './jpeg-huffman.ts'
import type { Plane } from './jpeg-planes.ts'

export class ProgressiveScan {
  private readonly predictions: number[]
  private readonly tables: HuffmanTable[]
  private endOfBandRun = 0 // blocks still to come in which the band is at its end
  private readonly bits: ScanBits
  private readonly header: ScanHeader
  private readonly blockSize: number

  constructor(bits: ScanBits, header: ScanHeader, markers: JpegMarkers, n: CellsPerSide) {
    this.bits = bits
    this.header = header
    this.blockSize = n === 1 ? 1 : 64
    this.predictions = header.components.map(() => 0)
    const isDcRefinement = header.spectralStart === 0 && header.high > 0 // which has no codes
    this.tables = isDcRefinement
      ? []
      : header.components.map(({ dc, ac }) =>
          needTable(header.spectralStart === 0 ? markers.dc[dc] : markers.ac[ac]),
        )
  }

  restart(): void {
    this.predictions.fill(0)
    this.endOfBandRun = 0
  }

  decode({ coefficients, mcuBlocksAcross }: Plane, part: number, blockX: number, blockY: number): void {
    const at = (blockY * mcuBlocksAcross + blockX) * this.blockSize
    const { spectralStart, high } = this.header
    if (spectralStart === 0) this.decodeDc(coefficients, at, part)
    else if (high === 0) this.decodeAc(coefficients, at)
    else this.refineAc(coefficients, at)
  }

  private decodeDc(coefficients: Int16Array, at: number, part: number): void {
    const { high, low } = this.header
    if (high > 0) {
      coefficients[at]! |= this.bits.bits(1) << low
      return
    }
    const difference = this.bits.signed(dcBits(this.bits.symbol(this.tables[part]!)))
    this.predictions[part]! += difference
    coefficients[at] = this.predictions[part]! << low
  }

  private decodeAc(coefficients: Int16Array, at: number): void {
    if (this.endOfBandRun > 0) {
      this.endOfBandRun--
      return
    }
    const { spectralStart, spectralEnd, low } = this.header
    for (let k = spectralStart; k <= spectralEnd; k++) {
      const symbol = this.bits.symbol(this.tables[0]!)
      const run = symbol >> 4
      const size = symbol & 15
      if (size === 0 && run < 15) {
        this.endOfBandRun = (1 << run) + this.bits.bits(run) - 1 // this block included
        return
      }
      k += run
      if (k > spectralEnd) throw beyondBand()
      if (size > 0) coefficients[at + k] = this.bits.signed(size) << low
    }
  }

  /** One more bit for coefficients that are not zero, and new ones between them (T.81, G.1.2.3). */
  private refineAc(coefficients: Int16Array, at: number): void {
    const { spectralStart, spectralEnd, low } = this.header
    let k = spectralStart
    if (this.endOfBandRun === 0) {
      while (k <= spectralEnd) {
        const symbol = this.bits.symbol(this.tables[0]!)
        const run = symbol >> 4
        const size = symbol & 15
        if (size === 0 && run < 15) {
          this.endOfBandRun = (1 << run) + this.bits.bits(run)
          break
        }
        if (size > 1)
          throw new ImageError("the JPEG's scan data is damaged: a refinement of more than one bit")
        const value = size === 0 ? 0 : this.bits.bits(1) === 1 ? 1 << low : -1 << low
        k = this.refineUpTo(coefficients, at, k, run)
        if (k > spectralEnd) {
          if (size > 0) throw beyondBand()
          break
        }
        if (size > 0) coefficients[at + k] = value
        k++
      }
    }
    if (this.endOfBandRun > 0) {
      this.refineUpTo(coefficients, at, k, 64)
      this.endOfBandRun--
    }
  }

  /** Refines what is not zero from k on, past `zeros` coefficients that are; returns the place of the next zero. */
  private refineUpTo(coefficients: Int16Array, at: number, start: number, zeros: number): number {
    const { spectralEnd, low } = this.header
    const bit = 1 << low
    let left = zeros
    let k = start
    for (; k <= spectralEnd; k++) {
      const value = coefficients[at + k]!
      if (value === 0) {
        if (left-- === 0) return k
      } else if (this.bits.bits(1) === 1 && (Math.abs(value) & bit) === 0) {
        coefficients[at + k] = value + (value > 0 ? bit : -bit)
      }
    }
    return k
  }
}

function beyondBand(): ImageError {
  return new ImageError("the JPEG's scan data is damaged: a coefficient beyond its band")
}
