/** A frequency table that is part of the format itself: the same for every model. */
import { CodecError } from '../errors.ts'
import { type SymbolDecoder, type SymbolEncoder, TABLE_TOTAL } from './range-coder.ts'

export class StaticTable {
  /** Where each symbol's share of [0, 2^14) begins, and, one further, where the last ends. */
  private readonly starts = [0]

  /** weights: for symbols 0, 1, ...; whole numbers that sum to a power of two, 2^14 at most. */
  constructor(weights: number[]) {
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    for (const weight of weights) this.starts.push(this.starts.at(-1)! + (weight * TABLE_TOTAL) / total)
  }

  encode(coder: SymbolEncoder, symbol: number): void {
    const start = this.starts[symbol]
    coder.encode(start, this.starts[symbol + 1] - start)
  }

  decode(coder: SymbolDecoder): number {
    const target = coder.peek()
    if (target >= TABLE_TOTAL) throw new CodecError('the payload holds a value that no encoder writes')
    let symbol = 0
    while (this.starts[symbol + 1] <= target) symbol++
    coder.consume(this.starts[symbol], this.starts[symbol + 1] - this.starts[symbol])
    return symbol
  }
}
