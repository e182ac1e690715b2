/** Reads the bits of a deflate stream that comes in pieces (RFC 1951, 3.1.1). */

export class InflateError extends Error {
  override name = 'InflateError'
}

/** Bits of the pieces, least significant first; zeros beyond their end, until one of them is used. */
export class BitInput {
  held = 0 // at most 31 bits
  heldBits = 0
  private padding = 0
  private index = 0
  private at = 0
  private piece: Uint8Array
  private readonly pieces: Uint8Array[]

  constructor(pieces: Uint8Array[]) {
    this.pieces = pieces
    this.piece = pieces[0] ?? new Uint8Array(0)
  }

  nextByte(): number {
    while (this.at === this.piece.length) {
      const next = this.pieces[this.index + 1]
      if (!next) return this.pad()
      this.index++
      this.piece = next
      this.at = 0
    }
    return this.piece[this.at++] ?? 0
  }

  private pad(): number {
    if (++this.padding > 4) throw new InflateError('unexpected end of the data')
    return 0
  }

  /** At least 24. */
  fill(): void {
    while (this.heldBits < 24) {
      this.held |= this.nextByte() << this.heldBits
      this.heldBits += 8
    }
  }

  bits(count: number): number {
    if (this.heldBits < count) this.fill()
    const value = this.held & ((1 << count) - 1)
    this.drop(count)
    return value
  }

  drop(count: number): void {
    this.held >>>= count
    this.heldBits -= count
  }

  /** Skips to the next whole byte; whole bytes among the held bits are returned first. */
  alignedByte(): number {
    this.drop(this.heldBits & 7)
    return this.heldBits > 0 ? this.bits(8) : this.nextByte()
  }

  /** Throws if bits beyond the end have been used. */
  checkEnd(): void {
    if (8 * this.padding > this.heldBits) throw new InflateError('unexpected end of the data')
  }
}
