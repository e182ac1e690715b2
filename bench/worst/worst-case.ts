export interface WorstCase {
  kind: 'WebP' | 'JPEG' | 'PNG' | 'form' | 'JSON' | 'drawing' | 'long codes' | 'slow clients' | 'usual'
  name: string
  /** Makes the request, which may take a while. Returns a function that sends it and returns the statuses of the responses. */
  prepare(): Promise<(port: number) => Promise<number[]>>
  /** Every status that is allowed. */
  expected: number[]
  /** Simultaneous connections, if more than one. */
  clients?: number
}
