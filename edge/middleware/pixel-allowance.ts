/** What each address may cost this isolate: an amount of pixels that fills up steadily and may be overdrawn once. */
export class PixelAllowance {
  readonly #left = new Map<string, { pixels: number; atMs: number }>()
  readonly #maxAddresses: number

  constructor(maxAddresses = 10_000) {
    this.#maxAddresses = maxAddresses
  }

  /** Takes `pixels` off what the address has left, if there is any. Else the seconds until there will be. */
  take(address: string, pixels: number, perMinute: number, nowMs: number): number {
    const perMs = perMinute / 60_000
    const known = this.#left.get(address)
    const left =
      known === undefined ? perMinute : Math.min(perMinute, known.pixels + (nowMs - known.atMs) * perMs)
    const isAllowed = left > 0
    this.#left.delete(address) // to the end of the map's order, whose front is the address unseen for longest
    this.#left.set(address, { pixels: isAllowed ? left - pixels : left, atMs: nowMs })
    if (this.#left.size > this.#maxAddresses) this.#left.delete(this.#left.keys().next().value!)
    return isAllowed ? 0 : Math.max(1, Math.ceil(-left / perMs / 1000))
  }
}
