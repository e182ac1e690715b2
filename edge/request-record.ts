import { type FlightLimits, Hold } from './http/bytes-in-flight.ts'

/** What is known about a request, filled in as it proceeds: for Server-Timing, the log and the metrics. */
export class RequestRecord {
  readonly id: string
  readonly startedMs: number
  /** Waiting for the body. */
  readMs = 0
  /** Image formats, networks and entropy coding. */
  codecMs = 0
  bytesIn = 0
  /** Of all codes that were made. */
  codeBytes = 0
  images = 0
  model = ''
  /** Name of the API key; never the key. */
  client = ''
  problem = ''
  #hold: Hold | undefined

  constructor(id: string, startedMs: number) {
    this.id = id
    this.startedMs = startedMs
  }

  /** The memory that this request holds while it waits for its client. */
  hold(limits: FlightLimits): Hold {
    this.#hold ??= new Hold(limits)
    return this.#hold
  }

  release(): void {
    this.#hold?.release()
  }
}
