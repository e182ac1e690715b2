/** Blocks of a sequential scan (ITU-T T.81, annex F), straight into the plane. */
import { dcBits, type ScanBits } from './jpeg-bits.ts'
import { type CellsPerSide, writeCells } from './jpeg-cells.ts'
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
    const { bits, block, n } = this
    const part = this.parts[index] as Part // one for each of the scan's planes
    part.prediction += bits.signed(dcBits(bits.symbol(part.dc)))
    block[0] = part.prediction
    let last = 0
    if (n === 1) bits.skipCoefficients(part.ac)
    else last = bits.coefficients(part.ac, block)
    const at = blockY * n * plane.stride + blockX * n
    writeCells(block, 0, last, plane.quantization, n, plane.cells, at, plane.stride)
    block.fill(0, 0, last + 1)
  }
}
