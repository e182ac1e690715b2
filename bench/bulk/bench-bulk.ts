/**
 * Measures the bulk consumer's images per second and cost per image, in workerd on miniflare's R2 and D1, with as many
 * workerds side by side as there are cores. First every code is compared with the CLI's.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { median } from '../../evaluate/median.ts'
import { writeJson } from '../../node/atomic-write.ts'
import { endWithNpm } from '../../node/lifecycle.ts'
import { positiveNumber } from '../../node/terminal/options.ts'
import { buildAssets, defaultAssets } from '../../scripts/build-assets.ts'
import { cpuUs } from '../edge/cpu-time.ts'
import { codeFiles } from './cli-codes.ts'
import type { Delivered, Delivery } from './delivery.ts'
import { type BulkFormat, bulkFormats } from './formats.ts'
import { prepareService, type Service, startService } from './service.ts'

const MAX_CONSUMERS = 250 // of a queue at Cloudflare
const MESSAGES_A_BATCH = 25

interface FormatFigures {
  format: string
  pixels: number
  meanBytes: number
  imagesPerSecond: number
  /** Of all of workerd: the consumer, and miniflare's R2 and D1, which on Cloudflare run elsewhere. */
  cpuMs: number
  /** Decoding, network and entropy coding, by the clock; on an idle machine that is part of the CPU time. */
  codecMs: number
  /** An estimate: 250 consumers, each with a core to itself. */
  imagesPerSecondOf250: number
}

endWithNpm()
const options = new Command('npm run bench:bulk --')
  .description('Measures the bulk consumer.')
  .option('--consumers <n>', 'workerd processes side by side', positiveNumber, availableParallelism())
  .option('--seconds <n>', 'about how long each format takes in a round', positiveNumber, 10)
  .option('--rounds <n>', 'the figures are medians over these', positiveNumber, 3)
  .option('--only <text>', 'only formats whose name contains this', '')
  .option('--out <file>', 'what to write', join(import.meta.dirname, '..', '..', 'results', 'bulk.json'))
  .parse()
  .opts<{ consumers: number; seconds: number; rounds: number; only: string; out: string }>()

const dir = await mkdtemp(join(tmpdir(), 'latent64-bench-bulk-'))
const services: Service[] = []
await buildAssets(defaultAssets)
try {
  for (let i = 0; i < options.consumers; i++) services.push(await start(join(dir, String(i))))
  const formats: FormatFigures[] = []
  for (const format of await bulkFormats(options.only)) {
    process.stderr.write(`${format.name}\n`)
    await fill(format)
    await verify(format)
    formats.push(await measure(format))
    process.stderr.write(`  ${JSON.stringify(formats.at(-1))}\n`)
  }
  const machine = { cpu: cpus()[0].model, cores: availableParallelism(), node: process.version }
  const result = { ...machine, consumers: services.length, formats }
  await writeJson(options.out, result)
} finally {
  for (const service of services) await service.kill()
  await rm(dir, { recursive: true, force: true })
}

async function start(dir: string): Promise<Service> {
  await prepareService({ entry: join('bench', 'bulk', 'bulk-worker.ts'), dir, vars: { LOG: 'off' } })
  return startService(dir)
}

function keyOf({ name }: BulkFormat, index: number): string {
  return `${name}/${index}`
}

async function fill(format: BulkFormat): Promise<void> {
  for (const { url } of services)
    for (const [i, body] of format.files.entries()) {
      const key = encodeURIComponent(keyOf(format, i))
      const { ok } = await fetch(`${url}/object?key=${key}`, { method: 'PUT', body: new Uint8Array(body) })
      if (!ok) throw new Error(`${format.name}: the bucket does not take it`)
    }
}

/** `again`, since otherwise the row would be up to date and nothing would be done. */
function batchOf(format: BulkFormat, from: number): Delivery[] {
  return Array.from({ length: MESSAGES_A_BATCH }, (_, i) => {
    const key = keyOf(format, (from + i) % format.files.length)
    return { id: String(i), attempts: 1, body: { bucket: 'photos', object: { key }, again: true } }
  })
}

async function deliver({ url }: Service, batch: Delivery[]): Promise<Delivered> {
  const response = await fetch(`${url}/deliver`, { method: 'POST', body: JSON.stringify(batch) })
  const delivered = (await response.json()) as Delivered
  if (delivered.acked.length !== batch.length) throw new Error('a message was not acknowledged')
  return delivered
}

async function verify(format: BulkFormat): Promise<void> {
  const expected = await codeFiles(format.files, join(dir, 'cli'))
  for (const service of services) {
    for (let at = 0; at < format.files.length; at += MESSAGES_A_BATCH)
      await deliver(service, batchOf(format, at))
    const sql = `SELECT key, code FROM images WHERE key LIKE '${format.name}/%'`
    const rows = await (await fetch(`${service.url}/sql`, { method: 'POST', body: sql })).json()
    const codes = new Map((rows as { key: string; code: string }[]).map(({ key, code }) => [key, code]))
    for (const [i, code] of expected.entries())
      if (code === undefined || codes.get(keyOf(format, i)) !== code)
        throw new Error(`${keyOf(format, i)}: the consumer's code is not the CLI's`)
  }
}

async function measure(format: BulkFormat): Promise<FormatFigures> {
  const rounds: { imagesPerSecond: number; cpuMs: number; codecMs: number }[] = []
  for (let round = 0; round < options.rounds; round++) rounds.push(await measureRound(format))
  const cpuMs = median(rounds.map((round) => round.cpuMs))
  const bytes = format.files.reduce((sum, { length }) => sum + length, 0)
  return {
    format: format.name,
    pixels: format.pixels,
    meanBytes: Math.round(bytes / format.files.length),
    imagesPerSecond: rounded(median(rounds.map((round) => round.imagesPerSecond))),
    cpuMs: rounded(cpuMs),
    codecMs: rounded(median(rounds.map((round) => round.codecMs))),
    imagesPerSecondOf250: Math.round((MAX_CONSUMERS * 1000) / cpuMs),
  }
}

async function measureRound(format: BulkFormat) {
  const cpuBeforeUs = totalCpuUs()
  const startedMs = performance.now()
  const untilMs = startedMs + 1000 * options.seconds
  let images = 0
  let codecMs = 0
  const work = async (service: Service) => {
    for (let at = 0; performance.now() < untilMs; at += MESSAGES_A_BATCH) {
      codecMs += (await deliver(service, batchOf(format, at))).codecMs
      images += MESSAGES_A_BATCH
    }
  }
  await Promise.all(services.map(work))
  const cpuMs = (totalCpuUs() - cpuBeforeUs) / 1000
  const seconds = (performance.now() - startedMs) / 1000
  return { imagesPerSecond: images / seconds, cpuMs: cpuMs / images, codecMs: codecMs / images }
}

function totalCpuUs(): number {
  return services.flatMap(({ pids }) => pids).reduce((sum, pid) => sum + cpuUs(pid), 0)
}

function rounded(value: number): number {
  return Number(value.toPrecision(3))
}
