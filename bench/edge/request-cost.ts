/**
 * CPU microseconds of workerd for each kind of request: medians over rounds in which all take turns. The order changes
 * from round to round, as one kind's garbage is collected in the next one's time, and the whole heap about once per
 * round.
 */

import { median } from '../../evaluate/median.ts'
import type { Progress } from '../../node/terminal/progress.ts'
import { Random } from '../../train/random.ts'
import type { Case } from './cases.ts'
import { type LoadClient, toBase64 } from './load.ts'

export interface RequestCost {
  model: string
  name: string
  images: number
  cpuUs: number
  /** The range of the middle half of the rounds. */
  spreadUs: [number, number]
  /** Beside the echo of the same bodies, behind the same middleware. */
  timesEcho?: number
  beyondEchoUsPerImage?: number
}

const CONNECTIONS = 16
const ROUND_US = 120_000 // of the server's CPU, about
/** In requests as expensive as the first ones: with 30 kinds it takes a thousand of each until everything is compiled. */
const WARM_UP_US = 800_000

export async function checkAnswers(client: LoadClient, cases: Case[]): Promise<void> {
  for (const { name, model, requests, check } of cases) {
    const responses = await client.responses(requests)
    for (const [i, response] of responses.entries())
      try {
        if (response.status !== 200)
          throw new Error(`status ${response.status}: ${Buffer.from(response.body, 'base64')}`)
        check(response, i)
      } catch (error) {
        throw new Error(`${model} ${name}, response ${i}: ${(error as Error).message}`)
      }
  }
}

export async function measureCosts(
  client: LoadClient,
  pid: number,
  cases: Case[],
  rounds: number,
  progress: Progress,
): Promise<RequestCost[]> {
  const encoded = cases.map(({ requests }) => requests.map(toBase64))
  const cost = (i: number, count: number) => client.cpuUsPerRequest(pid, encoded[i], count, CONNECTIONS)
  const counts: number[] = []
  for (let i = 0; i < cases.length; i++) {
    const first = await cost(i, 40)
    counts[i] = Math.max(10, Math.round(ROUND_US / (await cost(i, Math.ceil(WARM_UP_US / first)))))
  }
  const samples = cases.map((): number[] => [])
  for (let round = 0; round < rounds; round++)
    for (const i of new Random(round).permutation(cases.length)) {
      samples[i].push(await cost(i, counts[i]))
      progress.advance()
    }
  progress.stop()
  return withRatios(cases, samples)
}

function withRatios(cases: Case[], samples: number[][]): RequestCost[] {
  return cases.map(({ model, name, images, echo }, i) => {
    const sorted = [...samples[i]].sort((a, b) => a - b)
    const spreadUs: [number, number] = [sorted[sorted.length >> 2], sorted[(3 * sorted.length) >> 2]]
    const row: RequestCost = { model, name, images, cpuUs: median(sorted), spreadUs }
    const at = cases.findIndex((other) => other.model === model && other.name === echo)
    if (at < 0) return row
    // Round by round, so that a temporary slowdown of the machine affects both.
    const timesEcho = median(samples[i].map((us, round) => us / samples[at][round]))
    const beyond = median(samples[i].map((us, round) => us - samples[at][round]))
    return { ...row, timesEcho, beyondEchoUsPerImage: beyond / images }
  })
}
