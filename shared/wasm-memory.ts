/** The memory of wasm modules that lay out nothing themselves: their callers say where everything is. */

const PAGE_BYTES = 65536

export function growTo(memory: WebAssembly.Memory, bytes: number): void {
  const missing = bytes - memory.buffer.byteLength
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES))
}

/** Places one after the other, multiples of `alignment`; the memory grows with them. */
export class Places {
  /** Where the next one is. Set it back to place something else there. */
  top: number
  readonly #memory: WebAssembly.Memory
  readonly #alignment: number

  constructor(memory: WebAssembly.Memory, alignment: number) {
    this.#memory = memory
    this.#alignment = alignment
    this.top = alignment
  }

  /** Returns the address. */
  place(bytes: number): number {
    const at = this.top
    this.top = Math.ceil((at + bytes) / this.#alignment) * this.#alignment
    growTo(this.#memory, this.top)
    return at
  }

  /** Returns the address of a copy. */
  put({ buffer, byteOffset, byteLength }: Uint8Array | Int8Array | Uint16Array | Int32Array): number {
    const at = this.place(byteLength)
    new Uint8Array(this.#memory.buffer, at).set(new Uint8Array(buffer, byteOffset, byteLength))
    return at
  }
}
