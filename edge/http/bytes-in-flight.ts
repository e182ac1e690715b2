/**
 * Counts the bytes that this isolate holds for clients: bodies that are still arriving, and responses that are still
 * being sent. All together they are bounded, so that slow clients cannot fill the isolate's memory.
 */
import type { Settings } from '../settings.ts'
import { Problem } from './problem.ts'

export type FlightLimits = Pick<Settings, 'maxBytesInFlight' | 'holdSeconds'>

/** Bodies above this may not use the last eighth of the bound: it is reserved for small requests. */
export const SMALL_BYTES = 65_536
const SHARE_OF_LARGE = 7 / 8
const RETRY_SECONDS = 2

const holds = new Set<Hold>()
let total = 0

/**
 * What one request holds. Released when the request ends, or after `holdSeconds`, since a client's leaving may go
 * unnoticed.
 */
export class Hold {
  #bytes = 0
  #overheadBytes = 0
  readonly #limits: FlightLimits
  readonly #untilMs: number

  constructor(limits: FlightLimits) {
    this.#limits = limits
    this.#untilMs = performance.now() + 1000 * limits.holdSeconds
  }

  /** `bytes` more, and what the runtime takes beside them. Throws 503 if the isolate has no room. */
  grow(bytes: number, overheadBytes = 0): void {
    const share = this.#bytes + bytes > SMALL_BYTES ? SHARE_OF_LARGE : 1
    const bound = share * this.#limits.maxBytesInFlight
    const more = bytes + overheadBytes
    if (total + more > bound) dropExpired()
    if (total + more > bound) throw busy()
    total += more
    this.#bytes += bytes
    this.#overheadBytes += overheadBytes
    holds.add(this)
  }

  release(): void {
    if (!holds.delete(this)) return
    total -= this.#bytes + this.#overheadBytes
    this.#bytes = this.#overheadBytes = 0
  }

  get isExpired(): boolean {
    return performance.now() > this.#untilMs
  }
}

/** The current total of this isolate, for tests. */
export const bytesInFlight = () => total

function dropExpired(): void {
  for (const hold of holds) if (hold.isExpired) hold.release()
}

function busy(): Problem {
  const detail = 'the service already holds as many bytes for slow clients as it can: try again in a moment'
  return new Problem('busy', detail, {}, { 'retry-after': String(RETRY_SECONDS) })
}
