/** VP8's boolean entropy coder (RFC 6386, section 7). */

export class BoolEncoder {
  #bytes: number[] = []
  #low = 0
  /** The interval's size less one, 127 to 254. */
  #range = 254
  /** How many bits of #low are ready, less eight. */
  #ready = -8
  /** Bytes of 255 held back: a carry would turn them to 0. */
  #held = 0

  /** probability: of a 0, in 256ths. Returns the bit. */
  put(bit: boolean, probability: number): boolean {
    const split = (this.#range * probability) >> 8
    if (bit) {
      this.#low += split + 1
      this.#range -= split + 1
    } else this.#range = split
    const shift = Math.clz32(this.#range + 1) - 24
    if (shift > 0) {
      this.#range = ((this.#range + 1) << shift) - 1
      this.#low <<= shift
      this.#ready += shift
      if (this.#ready > 0) this.#writeByte()
    }
    return bit
  }

  /** An unsigned number, its highest bit first. */
  putNumber(value: number, bits: number): void {
    while (bits-- > 0) this.put(((value >> bits) & 1) === 1, 128)
  }

  finish(): number[] {
    this.putNumber(0, 9 - this.#ready)
    this.#ready = 0
    this.#writeByte()
    return this.#bytes
  }

  #writeByte(): void {
    const shift = 8 + this.#ready
    const bits = this.#low >> shift
    this.#low -= bits << shift
    this.#ready -= 8
    if ((bits & 255) === 255) {
      this.#held++
      return
    }
    const carry = bits >> 8
    if (carry && this.#bytes.length > 0) this.#bytes[this.#bytes.length - 1]++
    for (; this.#held > 0; this.#held--) this.#bytes.push(carry ? 0 : 255)
    this.#bytes.push(bits & 255)
  }
}
