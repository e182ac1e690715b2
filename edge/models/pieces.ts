/** Reads a model's file piece by piece into one small buffer, which takes a third of the CPU of reading it whole. */
const PIECE_BYTES = 65_536

/** A body as pieces that share one buffer: each is valid until the next one is read. */
export class Pieces {
  readonly #reader: ReadableStreamBYOBReader
  #buffer = new ArrayBuffer(PIECE_BYTES)

  constructor({ body }: Response) {
    this.#reader = body!.getReader({ mode: 'byob' })
  }

  /** Passes on the next `bytes` bytes. Not a generator, with which each piece would wait for three more promises. */
  async read(bytes: number, take: (piece: Uint8Array) => void): Promise<void> {
    for (let left = bytes; left > 0; ) {
      const wanted = new Uint8Array(this.#buffer, 0, Math.min(left, PIECE_BYTES))
      const { done, value } = await this.#reader.read(wanted)
      if (done) throw new Error(`a model's file ends ${left} bytes early: run \`npm run build\``)
      take(value)
      left -= value.length
      this.#buffer = value.buffer as ArrayBuffer
    }
  }

  /** Fills `bytes` with the next ones. */
  async fill(bytes: Uint8Array): Promise<void> {
    let at = 0
    await this.read(bytes.length, (piece) => {
      bytes.set(piece, at)
      at += piece.length
    })
  }

  cancel(): void {
    this.#reader.cancel().catch(() => undefined) // it may have ended, or failed
  }
}
