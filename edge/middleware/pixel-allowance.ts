/** A token bucket of pixels for each address. The last request before a bucket is empty may overdraw it. */
export class PixelAllowance {
  readonly #left = new Map<string, { pixels: number; atMs: number }>()
  readonly #maxAddresses: number

  constructor(maxAddresses = 10_000) {
    this.#maxAddresses = maxAddresses
  }

  /** Takes `pixels` and returns 0 if the address has any left. Otherwise returns the seconds until it will have. */
  take(address: string, pixels: number, perMinute: number, nowMs: number): number {
    const perMs = perMinute / 60_000
    const known = this.#left.get(address)
    const left =
      known === undefined ? perMinute : Math.min(perMinute, known.pixels + (nowMs - known.atMs) * perMs)
    const isAllowed = left > 0
    this.#left.delete(address) // moves it to the end of the map's order; in front is the address not seen for longest
    this.#left.set(address, { pixels: isAllowed ? left - pixels : left, atMs: nowMs })
    if (this.#left.size > this.#maxAddresses) this.#left.delete(this.#left.keys().next().value!)
    return isAllowed ? 0 : Math.max(1, Math.ceil(-left / perMs / 1000))
  }
}
