/**
 * Throws hostile requests at the real worker in raw workerd, over loopback. It must respond to each with a status below
 * 500 (a refusal as problem+json), never hang, keep its memory, and serve good requests correctly in between.
 */
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { endWithNpm } from '../../node/lifecycle.ts'
import { loadModelDirectory } from '../../node/load-model.ts'
import { positiveNumber, realNumber, wholeNumber } from '../../node/terminal/options.ts'
import { defaultWorkerd, prepareWorkerd, startWorkerd } from '../../scripts/workerd.ts'
import type { Model } from '../../shared/codec/model.ts'
import { MODEL_PATHS } from '../../shared/manifest.ts'
import { type Outcome, send } from './client.ts'
import { type GoodRequest, goodRequests } from './good-requests.ts'
import type { HostileRequest } from './hostile-request.ts'
import { hostileRequest } from './hostile-requests.ts'
import { makeOriginals, type Originals } from './originals.ts'
import { Random } from './random.ts'

const CLIENTS = 8
/** Short runs end before the heap has its size. */
const JUDGED_REQUESTS = 5000
/**
 * V8 is slow to collect bodies and wasm memories: up to 200 MiB of them come and go (the floor of the last fifth lay
 * 31 MiB below the early peak in a run of 20,000). So much beyond is a leak of 2 KiB a request.
 */
const MAX_GROWTH_MIB = 32
const SHOWN_FAILURES = 20

interface Tally {
  outcomes: Map<string, number> // by status or what else came of it
  failures: string[]
  residentMiB: number[]
  slowestMs: number
  slowest: string
}

const options = new Command('npm run fuzz --')
  .description('Throws malformed requests at the worker in raw workerd.')
  .option('--count <n>', 'requests', positiveNumber, 20_000)
  .option('--seed <n>', 'another seed, other requests', wholeNumber, 64)
  .option('--minutes <n>', 'gives up, and fails, after this long', realNumber, 20)
  .option('--port <n>', 'where the worker listens (default: any that is free)', positiveNumber)
  .parse()
  .opts<{ count: number; seed: number; minutes: number; port?: number }>()

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Those with an encoder and a decoder: models/grid is another kind. */
async function loadModels(): Promise<Model[]> {
  const models: Model[] = []
  for (const parent of defaultWorkerd.models)
    for (const name of (await readdir(parent)).sort())
      if (existsSync(join(parent, name, MODEL_PATHS.manifest)))
        models.push(await loadModelDirectory(join(parent, name)))
  return models
}

async function main(): Promise<boolean> {
  const port = options.port ?? (await freePort())
  const { count } = options
  const models = await loadModels()
  console.log(
    `models ${models.map(({ manifest }) => manifest.name).join(', ')}; ${count} requests, seed ${options.seed}`,
  )
  const originals = await makeOriginals(models)
  const good = await goodRequests(models, originals)
  const dir = await mkdtemp(join(tmpdir(), 'latent64-fuzz-'))
  const setup = { ...defaultWorkerd, port, dir, vars: { LOG: 'off' } }
  const server = await startWorkerd(await prepareWorkerd(setup), port, { logs: false })
  try {
    const tally = await fuzz(server.url, server.pid, count, originals, good)
    if (server.process.exitCode !== null) tally.failures.push(`workerd ended with ${server.process.exitCode}`)
    return report(tally, count)
  } finally {
    await server.stop()
    await rm(dir, { recursive: true, force: true })
  }
}

async function fuzz(
  origin: string,
  pid: number,
  count: number,
  originals: Originals,
  good: GoodRequest[],
): Promise<Tally> {
  const tally: Tally = { outcomes: new Map(), failures: [], residentMiB: [], slowestMs: 0, slowest: '' }
  const { seed } = options
  const deadline = Date.now() + 60_000 * options.minutes
  const startedMs = performance.now()
  let next = 0
  let done = 0
  const client = async (): Promise<void> => {
    while (next < count && Date.now() < deadline) {
      const random = new Random(seed * 1_000_003 + next++) // each request repeats by itself
      const hostile = hostileRequest(random, originals)
      await tryOne(origin, hostile, random, tally)
      const place = ++done
      if (place % 100 !== 0) continue
      await tryGood(origin, good[(place / 100) % good.length], tally)
      tally.residentMiB.push(residentMiB(pid))
      if (place % 1000 === 0) progress(place, count, performance.now() - startedMs, tally)
    }
  }
  for (const each of good) await tryGood(origin, each, tally)
  await Promise.all(Array.from({ length: CLIENTS }, client))
  for (const each of good) await tryGood(origin, each, tally)
  if (done < count) tally.failures.push(`only ${done} of ${count} requests within ${options.minutes} minutes`)
  return tally
}

async function tryOne(origin: string, hostile: HostileRequest, random: Random, tally: Tally): Promise<void> {
  const startMs = performance.now()
  const outcome = await send(origin, hostile, random)
  const tookMs = performance.now() - startMs
  const what = `${hostile.method} ${hostile.path.slice(0, 60)} (${hostile.kind}, ${hostile.delivery}, ${hostile.body.length} bytes)`
  if (tookMs > tally.slowestMs) {
    tally.slowestMs = tookMs
    tally.slowest = what
  }
  const label = typeof outcome === 'string' ? outcome : String(outcome.status)
  tally.outcomes.set(label, (tally.outcomes.get(label) ?? 0) + 1)
  const fault = faultOf(outcome, hostile)
  if (fault) fail(tally, `${what}: ${fault}`)
}

/** Printed at once, and again at the end. */
function fail(tally: Tally, failure: string): void {
  tally.failures.push(failure)
  if (tally.failures.length <= SHOWN_FAILURES) console.log(`FAILED ${failure}`)
}

function faultOf(outcome: Outcome, hostile: HostileRequest): string | undefined {
  if (outcome === 'hung') return 'no response'
  if (outcome === 'closed') {
    // A body that is refused before it has been read ends the connection, sometimes before the response is read.
    return hostile.body.length > 1e6 ? undefined : 'the connection was closed'
  }
  if (outcome === 'aborted') return undefined
  if (outcome.status >= 500) return `status ${outcome.status}: ${outcome.body.subarray(0, 300)}`
  if (outcome.status < 400 || hostile.method === 'HEAD') return undefined
  if (outcome.type !== 'application/problem+json') return `a ${outcome.status} of type ${outcome.type}`
  const problem = JSON.parse(outcome.body.toString()) as { status: number; detail?: string }
  return problem.status === outcome.status && problem.detail
    ? undefined
    : 'a problem without its status or detail'
}

async function tryGood(origin: string, { request, expected }: GoodRequest, tally: Tally): Promise<void> {
  const outcome = await send(origin, request, new Random(0))
  const what = `${request.path} with ${request.headers['content-type']}`
  if (typeof outcome === 'string') fail(tally, `good request ${what}: ${outcome}`)
  else if (outcome.status !== 200) fail(tally, `good request ${what}: status ${outcome.status}`)
  else if (Buffer.compare(outcome.body, expected) !== 0) fail(tally, `good request ${what}: a wrong response`)
}

function residentMiB(pid: number): number {
  if (process.platform !== 'linux') return 0
  const [, kib] = /VmRSS:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kib ?? 0) / 1024
}

function progress(done: number, count: number, elapsedMs: number, { failures, residentMiB }: Tally): void {
  const leftS = Math.round(((elapsedMs / done) * (count - done)) / 1000)
  const memory = Math.round(residentMiB.at(-1) ?? 0)
  console.log(`${done} of ${count}, ${failures.length} failures, workerd ${memory} MiB, ${leftS} s left`)
}

function report({ outcomes, failures, residentMiB, slowestMs, slowest }: Tally, count: number): boolean {
  // Bodies of 10 MB come and go, and V8 is in no hurry to collect them. Memory is flat if its floor between
  // collections stays below what its peaks were early on; a leak lifts the floor beyond any of them.
  const fifth = Math.ceil(residentMiB.length / 5)
  const peak = Math.max(...residentMiB.slice(0, 2 * fifth))
  const floor = Math.min(...residentMiB.slice(-fifth))
  // A short run ends before the largest bodies have all been seen once: its memory is reported, not judged.
  if (count >= JUDGED_REQUESTS && floor > peak + MAX_GROWTH_MIB)
    failures.push(`memory grew to ${floor.toFixed(0)} MiB at least`)
  const table = [...outcomes]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([label, times]) => `${label}: ${times}`)
  console.log(`\n${count} requests: ${table.join(', ')}`)
  console.log(`slowest ${Math.round(slowestMs)} ms: ${slowest}`)
  console.log(
    `workerd's memory: up to ${peak.toFixed(0)} MiB in the first two fifths, from ${floor.toFixed(0)} MiB up in the last`,
  )
  for (const failure of failures.slice(0, SHOWN_FAILURES)) console.log(`FAILED ${failure}`)
  console.log(failures.length === 0 ? 'ok' : `${failures.length} failures`)
  return failures.length === 0
}

endWithNpm()
process.exit((await main()) ? 0 : 1)
