/**
 * `npm run bench:worst`: the cost of the most expensive requests, in raw workerd. Writes results/costs.json and
 * docs/costs.md.
 */
import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { writeJson } from '../../node/atomic-write.ts'
import { loadModelDirectory } from '../../node/load-model.ts'
import type { Model } from '../../shared/codec/model.ts'
import { worstCases } from './cases.ts'
import { type Cost, MAX_BEYOND_IDLE_BYTES, MAX_CPU_MS, measureCase } from './measure.ts'
import { writeCostTable } from './table.ts'
import type { WorstCase } from './worst-case.ts'

const root = join(import.meta.dirname, '..', '..')
const RESULTS = join(root, 'results', 'costs.json')

const options = new Command('npm run bench:worst --')
  .description(
    'Sends the most expensive known requests to the worker in raw workerd, each to a fresh process, and measures CPU and memory. Without options it writes results/costs.json and docs/costs.md.',
  )
  .option('--only <text>', 'only cases whose kind or name contains this; writes nothing')
  .option('--check', 'checks only statuses and memory, times and writes nothing: for CI')
  .option('--before <dir>', 'measures the service of another checkout, for the column "before"')
  .parse()
  .opts<{ only?: string; check?: true; before?: string }>()

/** `photo` is what the service had before, too. */
async function loadModels(): Promise<Model[]> {
  return Promise.all(['photo', 'preview'].map((name) => loadModelDirectory(join(root, 'models', name))))
}

async function measureAll(cases: WorstCase[], checkout: string): Promise<Cost[]> {
  const { defaultWorkerd, prepareWorkerd, startWorkerd } = (await import(
    join(checkout, 'scripts', 'workerd.ts')
  )) as typeof import('../../scripts/workerd.ts')
  const dir = await mkdtemp(join(tmpdir(), 'latent64-worst-'))
  const port = 20_000 + (process.pid % 20_000)
  const costs: Cost[] = []
  try {
    const config = await prepareWorkerd({ ...defaultWorkerd, port, dir, vars: { LOG: 'off' } })
    for (const each of cases) {
      const server = await startWorkerd(config, port, { logs: false })
      try {
        const cost = await measureCase(each, server.pid, port)
        costs.push(cost)
        console.log(describe(cost))
      } finally {
        await server.stop()
      }
    }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
  return costs
}

function describe({ kind, name, cpuMs, beyondIdleBytes, statuses, problem }: Cost): string {
  const figures = `${cpuMs.toFixed(0).padStart(6)} ms ${(beyondIdleBytes / 1e6).toFixed(0).padStart(5)} MB`
  return `${figures}  ${kind}: ${name} -> ${statuses}${problem ? `  FAILED: ${problem}` : ''}`
}

const all = worstCases(await loadModels())
const wanted = all.filter(({ kind, name }) => `${kind}: ${name}`.includes(options.only ?? ''))
const costs = await measureAll(wanted, options.before ?? root)

if (options.check || options.only !== undefined) {
  const failed = costs.filter(({ problem }) => problem !== undefined)
  console.log(
    failed.length === 0 ? `ok, ${costs.length} requests` : `${failed.length} of ${costs.length} FAILED`,
  )
  process.exit(failed.length === 0 ? 0 : 1)
}

const known = JSON.parse(await readFile(RESULTS, 'utf8').catch(() => '{}'))
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
  cwd: options.before ?? root,
  encoding: 'utf8',
}).trim()
const results = { ...known, [options.before === undefined ? 'after' : 'before']: { commit, costs } }
await writeJson(RESULTS, results)
await writeCostTable(results, { maxCpuMs: MAX_CPU_MS, maxBytes: MAX_BEYOND_IDLE_BYTES })
