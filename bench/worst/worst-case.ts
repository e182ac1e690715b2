export interface WorstCase {
  kind: 'WebP' | 'JPEG' | 'PNG' | 'form' | 'JSON' | 'drawing' | 'long codes' | 'slow clients' | 'usual'
  name: string
  /** Makes the request, which may take a while. What it gives sends all of it and gives the statuses that came back. */
  prepare(): Promise<(port: number) => Promise<number[]>>
  /** Every status that may come. */
  expected: number[]
  /** Connections at once, if it is not one. */
  clients?: number
}
