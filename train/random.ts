/**
 * A small seeded generator (sfc32), keyed by any integers. Every draw of a run comes from a stream keyed by (seed,
 * purpose, epoch, step), so a resumed run repeats an uninterrupted one without any generator state.
 */
export class Random {
  #a = 0x9e3779b9
  #b = 0x243f6a88
  #c = 0xb7e15162
  #counter = 1

  constructor(...key: number[]) {
    for (const k of key) {
      this.#a ^= k | 0
      this.#b ^= Math.floor(k / 2 ** 32) | 0
      for (let i = 0; i < 12; i++) this.uint32()
    }
  }

  uint32(): number {
    const t = (((this.#a + this.#b) | 0) + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + t) | 0
    return t >>> 0
  }

  /** In [0, 1). */
  uniform(): number {
    return this.uint32() / 2 ** 32
  }

  integer(below: number): number {
    return Math.floor(this.uniform() * below)
  }

  /** Standard normal (Box-Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform())
  }

  permutation(count: number): Uint32Array {
    const order = Uint32Array.from({ length: count }, (_, i) => i)
    for (let i = count - 1; i > 0; i--) {
      const j = this.integer(i + 1)
      const swap = order[i]
      order[i] = order[j]
      order[j] = swap
    }
    return order
  }
}

/** What a stream of random numbers is for: the second part of its key. */
export const purpose = {
  split: 1,
  order: 2,
  augment: 3,
  corrupt: 4,
  noise: 5,
  start: 6,
  crop: 7,
  mix: 8,
  draw: 9,
} as const
