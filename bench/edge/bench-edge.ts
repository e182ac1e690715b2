/**
 * What the service costs: CPU of raw workerd a request, memory, start, and the networks alone.
 * Every answer is checked against the codec in Node before anything is timed. Linux only (it reads /proc).
 */
import { execFileSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { MultiBar, Presets } from 'cli-progress'
import { endWithNpm } from '../../node/lifecycle.ts'
import { loadModelDirectory } from '../../node/load-model.ts'
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

const HELP = `Measures the built worker in raw workerd.

  npm run bench:edge -- [options]

  --rounds N       default 11: medians over so many rounds, in which all requests take turns
  --only TEXT      only requests whose model and name contain TEXT (echoes are kept)
  --models DIR     default models/; the textbook autoencoder is added, trained first if need be
  --soak N         memory over N requests (default 200000; 0 leaves it out)
  --requests-only  neither start-up nor memory nor the networks alone
  --port N         default 8789
  --out FILE       default results/bench-edge.json
`
const root = join(import.meta.dirname, '..', '..')

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '11' },
    only: { type: 'string', default: '' },
    models: { type: 'string', multiple: true },
    soak: { type: 'string', default: '200000' },
    'requests-only': { type: 'boolean', default: false },
    port: { type: 'string', default: '8789' },
    out: { type: 'string', default: join(root, 'results', 'bench-edge.json') },
    help: { type: 'boolean' },
  },
})
if (values.help) {
  console.log(HELP)
  process.exit()
}

const port = Number(values.port)
/** Of its own: `npm run workerd` may run beside. */
const dir = join(root, 'dist', `bench-${port}`)
async function measure(): Promise<Report> {
  const parents = [...(values.models ?? defaultWorkerd.models), await textbookModels()]
  const config = await prepareWorkerd({ ...defaultWorkerd, port, dir, models: parents })
  const models = await servedModels()
  const all = baselineCases(await benchImages({ height: 28, width: 28, channels: 1 }))
  for (const model of models) all.push(...(await modelCases(model)))
  const cases = all.filter(
    ({ model, name }) => name.includes('echo') || `${model} ${name}`.includes(values.only),
  )
  const requests = await withService(config, async (client, pid) => {
    await checkAnswers(client, cases)
    return measureCosts(client, pid, cases, Number(values.rounds), progressBar('requests'))
  })
  const base: Report = { machine: machine(), models: models.map(describe), requests }
  if (values['requests-only']) return base
  const firstUses = models.map(
    ({ manifest }) =>
      cases.find((each) => each.model === manifest.name && each.name.startsWith('compress raw'))!,
  )
  const startUp = await measureStartUp(config, dir, port, firstUses.filter(Boolean))
  const networks = await networkSpeeds()
  const modelNetworks = await modelSpeeds(models)
  const total = Number(values.soak)
  if (total === 0) return { ...base, startUp, networks, modelNetworks }
  const soakOf = (some: Case[], label: string) =>
    withService(config, (client, pid) => soak(client, pid, some, total, progressBar(label)))
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

function progressBar(label: string): (done: number, total: number) => void {
  const format = `${label} {bar} {percentage}% | ETA {eta_formatted}`
  const bars = new MultiBar({ format, noTTYOutput: false, clearOnComplete: true }, Presets.shades_grey)
  const bar = bars.create(1, 0)
  return (done, total) => {
    bar.setTotal(total)
    bar.update(done)
    if (done >= total) bars.stop()
  }
}

endWithNpm()
const report = await measure()
await mkdir(dirname(values.out), { recursive: true })
await writeFile(values.out, `${JSON.stringify(report, null, 2)}\n`)
printReport(report)
process.exit() // ONNX Runtime keeps the process alive
