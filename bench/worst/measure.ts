/** CPU and peak memory of one case in a fresh workerd that has served ordinary requests before. Linux. */
import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { cpuUs, residentBytes } from '../edge/cpu-time.ts'
import { get, post, send } from './send.ts'
import type { WorstCase } from './worst-case.ts'

/** The yardstick of any single request. */
export const MAX_CPU_MS = 1000
export const MAX_BEYOND_IDLE_BYTES = 64 << 20
/** What workerd itself keeps for each further connection and its request. */
const CONNECTION_BYTES = 80_000

export interface Cost {
  kind: WorstCase['kind']
  name: string
  cpuMs: number
  idleBytes: number
  /** Peak of resident memory beyond that of the idle process. */
  beyondIdleBytes: number
  /** `200`, or for several clients `200 x 24, 503 x 76`. */
  statuses: string
  problem?: string
}

export async function measureCase(worst: WorstCase, pid: number, port: number): Promise<Cost> {
  const { kind, name, expected, clients = 1 } = worst
  const run = await worst.prepare()
  await serveOrdinary(port)
  const idleBytes = residentBytes(pid)
  const beforeUs = cpuUs(pid)
  resetPeak(pid)
  const statuses = await run(port)
  const cpuMs = (cpuUs(pid) - beforeUs) / 1000
  const beyondIdleBytes = Math.max(0, peakBytes(pid) - idleBytes)
  const maxBytes = MAX_BEYOND_IDLE_BYTES + CONNECTION_BYTES * (clients - 1)
  const problem = problemOf(statuses, expected, beyondIdleBytes, maxBytes) ?? (await afterwards(port))
  return { kind, name, cpuMs, idleBytes, beyondIdleBytes, statuses: summary(statuses), problem }
}

/** Loads models, compiles code and touches memory, as in any isolate after its first seconds. */
async function serveOrdinary(port: number): Promise<void> {
  for (let round = 0; round < 20; round++) {
    await send(port, post('/compress', 'application/octet-stream', new Uint8Array(784)))
    await send(port, post('/compress', 'application/octet-stream', new Uint8Array(3072)))
  }
  await send(port, get('/health'))
  await sleep(300)
}

/** Writing 5 resets the peak to what is resident now (proc(5)). */
const resetPeak = (pid: number) => writeFileSync(`/proc/${pid}/clear_refs`, '5')

function peakBytes(pid: number): number {
  return 1024 * Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1])
}

function problemOf(
  statuses: number[],
  expected: number[],
  bytes: number,
  maxBytes: number,
): string | undefined {
  const other = statuses.find((status) => !expected.includes(status))
  if (other !== undefined) return `status ${other}, expected ${expected.join(' or ')}`
  return bytes > maxBytes ? `${(bytes / 1e6).toFixed(0)} MB beyond idle` : undefined
}

/** The next client must find the service in its normal state. */
async function afterwards(port: number): Promise<string | undefined> {
  const { status } = await send(port, get('/health'))
  return status === 200 ? undefined : `/health gives ${status} afterwards`
}

function summary(statuses: number[]): string {
  const counts = [...new Set(statuses)].sort().map((status) => {
    const count = statuses.filter((each) => each === status).length
    return `${status === 0 ? 'no response yet' : status}${statuses.length > 1 ? ` x ${count}` : ''}`
  })
  return counts.join(', ')
}
