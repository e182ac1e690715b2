/**
 * Measures the service: CPU of raw workerd per request, memory, start-up, and the networks alone. Every response is
 * checked against the codec in Node before anything is timed. Linux only, as it reads /proc.
 */
import { execFileSync } from 'node:child_process'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { writeJson } from '../../node/atomic-write.ts'
import { endWithNpm } from '../../node/lifecycle.ts'
import { loadModelDirectory } from '../../node/load-model.ts'
import { positiveNumber, repeated, wholeNumber } from '../../node/terminal/options.ts'
import { startProgress } from '../../node/terminal/progress.ts'
import { defaultWorkerd, prepareWorkerd, startWorkerd } from '../../scripts/workerd.ts'
import type { Model } from '../../shared/codec/model.ts'
import { modelSpeeds } from '../networks/model-speed.ts'
import { networkSpeeds } from '../networks/network-speed.ts'
import { baselineCases, type Case, isHonoAlone, modelCases } from './cases.ts'
import { benchImages } from './inputs.ts'
import { LoadClient } from './load.ts'
import { printReport, type Report } from './report.ts'
import { checkAnswers, measureCosts } from './request-cost.ts'
import { soak } from './soak.ts'
import { measureStartUp } from './start-up.ts'
import { textbookModels } from './textbook-model.ts'

const root = join(import.meta.dirname, '..', '..')

interface BenchOptions {
  rounds: number
  only: string
  models?: string[]
  soak: number
  requestsOnly?: true
  port: number
  out: string
}
const options = new Command('npm run bench:edge --')
  .description('Measures the built worker in raw workerd.')
  .option(
    '--rounds <n>',
    'rounds in which all requests take turns; the figures are medians over them',
    positiveNumber,
    11,
  )
  .option('--only <text>', 'only requests whose model and name contain this (echoes are kept)', '')
  .option(
    '--models <dir>',
    'default models/; the textbook autoencoder is added, trained first if need be',
    repeated,
  )
  .option('--soak <n>', 'memory over this many requests; 0 leaves it out', wholeNumber, 200_000)
  .option('--requests-only', 'leave out start-up, memory and the networks alone')
  .option('--port <n>', 'where the worker listens', positiveNumber, 8789)
  .option('--out <file>', 'what to write', join(root, 'results', 'bench-edge.json'))
  .parse()
  .opts<BenchOptions>()

const { port } = options
/** The bench's own folder, so that `npm run workerd` may run at the same time. */
const dir = join(root, 'dist', `bench-${port}`)
async function measure(): Promise<Report> {
  const parents = [...(options.models ?? defaultWorkerd.models), await textbookModels()]
  const config = await prepareWorkerd({ ...defaultWorkerd, port, dir, models: parents })
  const models = await servedModels()
  const all = baselineCases(await benchImages({ height: 28, width: 28, channels: 1 }))
  for (const model of models) all.push(...(await modelCases(model)))
  const cases = all.filter(
    ({ model, name }) => name.includes('echo') || `${model} ${name}`.includes(options.only),
  )
  const requests = await withService(config, async (client, pid) => {
    await checkAnswers(client, cases)
    return measureCosts(
      client,
      pid,
      cases,
      options.rounds,
      startProgress('requests', options.rounds * cases.length),
    )
  })
  const base: Report = { machine: machine(), models: models.map(describe), requests }
  if (options.requestsOnly) return base
  const firstUses = models.map(
    ({ manifest }) =>
      cases.find((each) => each.model === manifest.name && each.name.startsWith('compress raw'))!,
  )
  const startUp = await measureStartUp(config, dir, port, firstUses.filter(Boolean))
  const networks = await networkSpeeds()
  const modelNetworks = await modelSpeeds(models)
  const total = options.soak
  if (total === 0) return { ...base, startUp, networks, modelNetworks }
  const soakOf = (some: Case[], label: string) =>
    withService(config, (client, pid) => soak(client, pid, some, total, label))
  const memory = {
    service: await soakOf(cases, 'soak'),
    honoAlone: await soakOf(cases.filter(isHonoAlone), 'soak, Hono alone'),
  }
  return { ...base, startUp, networks, modelNetworks, memory }
}

async function withService<T>(
  config: string,
  work: (client: LoadClient, pid: number) => Promise<T>,
): Promise<T> {
  const service = await startWorkerd(config, port, { logs: false })
  const client = new LoadClient(port)
  try {
    return await work(client, service.pid)
  } finally {
    client.stop()
    await service.stop()
  }
}

/** The models as the service has them, with the same names. */
async function servedModels(): Promise<Model[]> {
  const directory = join(dir, 'assets', 'static', 'models')
  const index = (await import(join(directory, 'index.json'), { with: { type: 'json' } })).default as {
    name: string
  }[]
  return Promise.all(index.map(({ name }) => loadModelDirectory(join(directory, name))))
}

const describe = ({ manifest, encoder, decoder }: Model) => ({
  name: manifest.name,
  id: manifest.id,
  macs: { encoder: encoder.macs, decoder: decoder.macs },
})

function machine(): Report['machine'] {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root }).toString().trim()
  return {
    cpu: cpus()[0].model,
    cores: cpus().length,
    node: process.version,
    commit: git('rev-parse', '--short', 'HEAD'),
    date: new Date().toISOString(),
  }
}

endWithNpm()
const report = await measure()
await writeJson(options.out, report)
printReport(report)
process.exit() // ONNX Runtime keeps the process alive
