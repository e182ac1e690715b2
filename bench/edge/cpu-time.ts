import { readdirSync, readFileSync } from 'node:fs'

/** CPU microseconds of all threads of a process, from the scheduler's own nanosecond counts. Linux. */
export function cpuUs(pid: number): number {
  let ns = 0
  for (const thread of readdirSync(`/proc/${pid}/task`))
    ns += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0])
  return ns / 1000
}

/** Resident memory in bytes. */
export function residentBytes(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(kib![1]) * 1024
}
