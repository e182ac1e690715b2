import { type Hold, SMALL_BYTES } from './bytes-in-flight.ts'
import { Problem } from './problem.ts'

/**
 * A body's bytes as they come, in one buffer: chunks of a byte each would otherwise hold a buffer each. Buffers that
 * are outgrown, or not wanted any more, are freed at once and not when the collector comes.
 */
export class GrowingBuffer {
  /** For the runtime to read into; counted as the buffer is. */
  readonly piece: Uint8Array<ArrayBuffer>
  /** What it may come to: the announced length, or the limit. */
  readonly maxBytes: number
  readonly #hold: Hold
  #bytes = new Uint8Array(0)
  #length = 0

  constructor(hold: Hold, limitBytes: number, announcedBytes?: number) {
    this.maxBytes = announcedBytes ?? limitBytes
    this.#hold = hold
    const pieceBytes = Math.min(SMALL_BYTES, this.maxBytes)
    hold.grow(pieceBytes)
    this.piece = new Uint8Array(pieceBytes)
  }

  /** Throws 413, and 503 if the isolate has no room for more. */
  append(piece: Uint8Array): void {
    const length = this.#length + piece.length
    if (length > this.maxBytes) throw bodyTooLarge(this.maxBytes)
    if (length > this.#bytes.length)
      this.#grow(Math.min(this.maxBytes, Math.max(length, 2 * this.#bytes.length)))
    this.#bytes.set(piece, this.#length)
    this.#length = length
  }

  get content(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  free(): void {
    this.#bytes = new Uint8Array(this.#bytes.buffer.transfer(0))
    this.#length = 0
  }

  #grow(bytes: number): void {
    this.#hold.grow(bytes - this.#bytes.length)
    this.#bytes = new Uint8Array(this.#bytes.buffer.transfer(bytes))
  }
}

export function bodyTooLarge(maxBytes: number, got?: number): Problem {
  const detail = `a body of this type may have up to ${maxBytes} bytes, this one has ${got ?? 'more'}`
  return new Problem('too-large', detail, { maxBytes })
}
