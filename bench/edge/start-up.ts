/** How long a fresh workerd takes to its first response, compared with Hono alone, and for the first use of each model. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import { median } from '../../evaluate/median.ts'
import { startWorkerd } from '../../scripts/workerd.ts'
import { workerdConfig } from '../../scripts/workerd-config.ts'
import type { Case } from './cases.ts'
import { cpuUs } from './cpu-time.ts'
import { LoadClient } from './load.ts'

const STARTS = 9
const FIRST_REQUEST = { method: 'GET' as const, path: '/models', headers: {}, body: new Uint8Array() }

export interface StartUp {
  /** Wall-clock milliseconds from spawn to the first response: GET /models, kernels ready; a text from Hono alone. */
  firstAnswerMs: { service: number; honoAlone: number }
  /** CPU milliseconds of a fresh workerd's first compress, of each model: loading it included. */
  firstCompressCpuMs: Record<string, number>
}

/** `firstUses`: one request for each model. */
export async function measureStartUp(
  config: string,
  dir: string,
  port: number,
  firstUses: Case[],
): Promise<StartUp> {
  const honoAlone = await honoAloneConfig(dir, port)
  const serviceMs: number[] = []
  const aloneMs: number[] = []
  const compressMs = new Map<string, number[]>(firstUses.map(({ model }) => [model, []]))
  for (let start = 0; start < STARTS; start++) {
    const alone = await startWorkerd(honoAlone, port, { logs: false })
    aloneMs.push(alone.startMs)
    await alone.stop()
    for (const firstUse of firstUses) {
      const { startMs, compressCpuMs } = await freshService(config, port, firstUse)
      serviceMs.push(startMs)
      compressMs.get(firstUse.model)!.push(compressCpuMs)
    }
  }
  return {
    firstAnswerMs: { service: median(serviceMs), honoAlone: median(aloneMs) },
    firstCompressCpuMs: Object.fromEntries([...compressMs].map(([model, ms]) => [model, median(ms)])),
  }
}

/** A separate workerd for each model, since the first one warms up code for the others. */
async function freshService(config: string, port: number, { requests }: Case) {
  const service = await startWorkerd(config, port, { logs: false, readyPath: FIRST_REQUEST.path })
  const client = new LoadClient(port)
  await client.responses([FIRST_REQUEST]) // over the connection by which the compress follows
  const before = cpuUs(service.pid)
  await client.responses(requests.slice(0, 1))
  const compressCpuMs = (cpuUs(service.pid) - before) / 1000
  client.stop()
  await service.stop()
  return { startMs: service.startMs, compressCpuMs }
}

async function honoAloneConfig(dir: string, port: number): Promise<string> {
  const out = join(dir, 'hono-alone')
  const path = join(out, 'worker.js')
  await mkdir(join(out, 'assets'), { recursive: true })
  const contents = `import { Hono } from 'hono'; export default new Hono().get('/noop', (c) => c.text('ok'))`
  const stdin = { contents, resolveDir: import.meta.dirname }
  await build({ stdin, outfile: path, bundle: true, minify: true, format: 'esm', target: 'es2022' })
  const config = join(out, 'config.capnp')
  const modules = [{ name: 'worker.js', path, kind: 'esModule' as const }]
  const setup = {
    modules,
    assets: join(out, 'assets'),
    vars: {},
    compatibilityDate: '2026-01-01',
    compatibilityFlags: [],
    port,
  }
  await writeFile(config, workerdConfig(setup, out))
  return config
}
