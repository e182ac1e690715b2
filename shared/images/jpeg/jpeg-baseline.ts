/** Blocks of a sequential scan (ITU-T T.81, annex F), straight into the plane. */

import { type CellsPerSide, writeCells } from './cells/jpeg-cells.ts'
import { writeFoundQuarters } from './cells/jpeg-quarters.ts'
import { dcBits, type ScanBits } from './jpeg-bits.ts'
import type { ScanHeader } from './jpeg-frame.ts'
import type { HuffmanTable, HuffmanTables } from './jpeg-huffman-tables.ts'
import type { Plane } from './jpeg-plane.ts'

interface Part {
  prediction: number
  dc: HuffmanTable
  ac: HuffmanTable
}

export class BaselineScan {
  private readonly block = new Int32Array(64) // zigzag order
  private readonly found = new Int32Array(63) // see ScanBits.coefficients()
  private readonly parts: Part[]
  private readonly bits: ScanBits
  private readonly n: CellsPerSide

  constructor(bits: ScanBits, header: ScanHeader, tables: HuffmanTables, n: CellsPerSide) {
    this.bits = bits
    this.n = n
    this.parts = header.components.map(({ dc, ac }) => {
      return { prediction: 0, dc: tables.table('dc', dc), ac: tables.table('ac', ac) }
    })
  }

  restart(): void {
    for (const part of this.parts) part.prediction = 0
  }

  decode(plane: Plane, index: number, blockX: number, blockY: number): void {
    const { bits, found, n } = this
    const part = this.parts[index] as Part // one for each of the scan's planes
    part.prediction += bits.signed(dcBits(bits.symbol(part.dc)))
    const at = blockY * n * plane.stride + blockX * n
    if (n === 1) {
      bits.skipCoefficients(part.ac)
      this.write(plane, part.prediction, 0, at)
    } else {
      const count = bits.coefficients(part.ac, found)
      if (n === 2) writeFoundQuarters(part.prediction, found, count, plane, at)
      else this.write(plane, part.prediction, count, at)
    }
  }

  private write(plane: Plane, dc: number, count: number, at: number): void {
    const { block, found, n } = this
    block[0] = dc
    for (let i = 0; i < count; i++) block[found[i] & 63] = found[i] >> 6
    const last = count > 0 ? found[count - 1] & 63 : 0
    writeCells(block, 0, last, plane.quantization, n, plane.cells, at, plane.stride)
    for (let i = 0; i < count; i++) block[found[i] & 63] = 0
  }
}
