/** Memory over many requests of all kinds: it must not grow. */

import { startProgress } from '../../node/terminal/progress.ts'
import type { Case } from './cases.ts'
import { residentBytes } from './cpu-time.ts'
import { type LoadClient, toBase64 } from './load.ts'

const STEPS = 20

export interface Soak {
  requests: number
  /** Resident MiB of workerd, evenly spaced, the first after a warm-up of one step. */
  residentMiB: number[]
}

export async function soak(
  client: LoadClient,
  pid: number,
  cases: Case[],
  total: number,
  label: string,
): Promise<Soak> {
  const requests = cases.filter(({ images }) => images === 1).flatMap((each) => each.requests.map(toBase64))
  const residentMiB: number[] = []
  const progress = startProgress(label, STEPS + 1)
  for (let step = 0; step <= STEPS; step++) {
    await client.cpuUsPerRequest(pid, requests, Math.ceil(total / STEPS), 16)
    residentMiB.push(residentBytes(pid) / 2 ** 20)
    progress.advance()
  }
  progress.stop()
  return { requests: total, residentMiB }
}
