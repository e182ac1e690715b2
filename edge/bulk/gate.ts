/** Lets work in while there is room: for a number of tasks at a time, and for a number of bytes of objects in memory. */
export class Gate {
  readonly #capacity: number
  readonly #waiting: { size: number; enter: () => void }[] = []
  #free: number

  constructor(capacity: number) {
    this.#capacity = capacity
    this.#free = capacity
  }

  /** Runs `work` once there is room for its size, in order of arrival. Work that exceeds all the room runs alone. */
  async run<T>(size: number, work: () => Promise<T>): Promise<T> {
    const taken = Math.min(size, this.#capacity)
    if (this.#waiting.length > 0 || taken > this.#free)
      await new Promise<void>((enter) => this.#waiting.push({ size: taken, enter }))
    else this.#free -= taken
    try {
      return await work()
    } finally {
      this.#leave(taken)
    }
  }

  #leave(size: number): void {
    this.#free += size
    while (this.#waiting.length > 0 && this.#waiting[0].size <= this.#free) {
      const next = this.#waiting.shift()!
      this.#free -= next.size
      next.enter()
    }
  }
}
