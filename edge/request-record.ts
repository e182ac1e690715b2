/** What is known about a request, filled in as it is answered: for Server-Timing, the log and the metrics. */
export class RequestRecord {
  readonly id: string
  readonly startedMs: number
  /** Waiting for the body. */
  readMs = 0
  /** Image formats, networks and entropy coding. */
  codecMs = 0
  bytesIn = 0
  /** Of the codes that were made. */
  codeBytes = 0
  images = 0
  model = ''
  /** Name of the API key; never the key. */
  client = ''
  problem = ''

  constructor(id: string, startedMs: number) {
    this.id = id
    this.startedMs = startedMs
  }
}
