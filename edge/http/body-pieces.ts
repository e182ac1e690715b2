import { type Hold, SMALL_BYTES } from './bytes-in-flight.ts'
import { Problem } from './problem.ts'

/** Of a request that is being read, with its connection. The piece that is being filled counts twice, as workerd has a copy. */
const REQUEST_BYTES = 100_000

/**
 * A body's bytes as they come, in pieces that are full: a buffer for each chunk would cost a client that sends single
 * bytes nothing and us 5 kB each. Pieces are freed at once and not when the collector comes.
 */
export class BodyPieces {
  readonly #hold: Hold
  readonly #maxBytes: number
  readonly #pieceBytes: number
  readonly #pieces: Uint8Array<ArrayBuffer>[] = []
  #length = 0
  #overheadBytes: number

  /** maxBytes: the announced length, or the limit. */
  constructor(hold: Hold, maxBytes: number) {
    this.#hold = hold
    this.#maxBytes = maxBytes
    this.#pieceBytes = Math.min(SMALL_BYTES, maxBytes)
    this.#overheadBytes = REQUEST_BYTES + this.#pieceBytes
  }

  /** For the runtime to read into. Throws 503 if the isolate has no room for it. */
  next(): Uint8Array<ArrayBuffer> {
    this.#hold.grow(this.#pieceBytes, this.#overheadBytes)
    this.#overheadBytes = 0 // once for all pieces
    return new Uint8Array(this.#pieceBytes)
  }

  /** Throws 413. */
  add(piece: Uint8Array<ArrayBuffer>): void {
    this.#length += piece.length
    if (this.#length > this.#maxBytes) throw bodyTooLarge(this.#maxBytes)
    this.#pieces.push(piece)
  }

  join(): Uint8Array {
    if (this.#pieces.length === 1) return this.#pieces[0]
    const body = new Uint8Array(this.#length)
    let at = 0
    for (const piece of this.#pieces) {
      body.set(piece, at)
      at += piece.length
      piece.buffer.transfer(0)
    }
    return body
  }

  free(): void {
    for (const piece of this.#pieces) piece.buffer.transfer(0)
    this.#pieces.length = 0
  }
}

export function bodyTooLarge(maxBytes: number, got?: number): Problem {
  const detail = `a body of this type may have up to ${maxBytes} bytes, this one has ${got ?? 'more'}`
  return new Problem('too-large', detail, { maxBytes })
}
