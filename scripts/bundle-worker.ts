/** Bundles a worker exactly as `wrangler deploy` would, and lists what is in the bundle. */
import { execFile } from 'node:child_process'
import { readdir, rm } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { promisify } from 'node:util'
import { killAtExit } from '../node/lifecycle.ts'
import { wranglerBin } from '../node/wrangler-bin.ts'

const root = join(import.meta.dirname, '..')

export interface WorkerModule {
  /** The name by which the bundle imports it. */
  name: string
  path: string
  kind: 'esModule' | 'wasm' | 'data' | 'text'
}

const kinds: Record<string, WorkerModule['kind']> = {
  '.wasm': 'wasm',
  '.bin': 'data',
  '.txt': 'text',
  '.html': 'text',
}

/** `entry` without a value: the main of wrangler.toml. The first module is the entry. */
export async function bundleWorker(outDir: string, entry?: string): Promise<WorkerModule[]> {
  await rm(outDir, { recursive: true, force: true })
  const args = ['deploy', ...(entry ? [entry] : []), '--dry-run', '--outdir', outDir, '--minify']
  const env = { ...process.env, WRANGLER_SEND_METRICS: 'false' }
  const bundling = promisify(execFile)(process.execPath, [wranglerBin, ...args], { cwd: root, env })
  killAtExit(bundling.child)
  await bundling
  const files = (await readdir(outDir, { recursive: true })).filter(
    (file) => extname(file) === '.js' || extname(file) in kinds,
  )
  const modules = files.map((file): WorkerModule => {
    const kind = kinds[extname(file)] ?? 'esModule'
    return { name: kind === 'esModule' ? file : `./${file}`, path: join(outDir, file), kind }
  })
  return modules.sort((a, b) => Number(b.kind === 'esModule') - Number(a.kind === 'esModule'))
}
