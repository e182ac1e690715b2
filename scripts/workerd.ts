/**
 * Serves the worker in raw workerd, from the bundle that wrangler would deploy, without a development proxy. It has two
 * more routes for measurements: /echo responds with the body, behind the same middleware as the real routes, and
 * /echo/bare does the same with Hono alone.
 */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from 'commander'
import { unstable_readConfig as readConfig } from 'wrangler'
import { endWithNpm, killAtExit } from '../node/lifecycle.ts'
import { positiveNumber, repeated } from '../node/terminal/options.ts'
import { buildAssets, defaultAssets } from './build-assets.ts'
import { bundleWorker } from './bundle-worker.ts'
import { workerdConfig } from './workerd-config.ts'

/** Path of the binary: the package's default export. By require, as Node and vitest wrap it differently on import. */
const workerdBin: string = createRequire(import.meta.url)('workerd').default

const root = join(import.meta.dirname, '..')
const START_TIMEOUT_MS = 15_000

interface WorkerdRequest {
  port: number
  models: string[]
  /** Where bundle, assets and configuration go. */
  dir: string
  entry: string
  vars?: Record<string, string>
}

export const defaultWorkerd: Omit<WorkerdRequest, 'port'> = {
  models: defaultAssets.models,
  dir: join(root, 'dist', 'workerd'),
  entry: join('bench', 'edge', 'measured-worker.ts'),
}

/** Bundles and configures; returns the configuration's path. */
export async function prepareWorkerd({ port, models, dir, entry, vars }: WorkerdRequest): Promise<string> {
  await mkdir(dir, { recursive: true })
  const modules = await bundleWorker(join(dir, 'worker'), entry)
  await buildAssets({ models, out: join(dir, 'assets') })
  const config = readConfig({ config: join(root, 'wrangler.toml') })
  const texts = Object.entries({ ...config.vars, ...vars }).map(([name, value]) => [name, String(value)])
  const setup = {
    ...{
      modules,
      port,
      assets: join(dir, 'assets'),
      vars: Object.fromEntries(texts) as Record<string, string>,
    },
    compatibilityDate: config.compatibility_date!,
    compatibilityFlags: config.compatibility_flags,
  }
  const path = join(dir, 'config.capnp')
  await writeFile(path, workerdConfig(setup, dir))
  return path
}

export interface RunningWorkerd {
  pid: number
  url: string
  /** From spawn to the first response. */
  startMs: number
  process: ChildProcess
  stop(): Promise<void>
}

/** Spawns workerd and waits until it responds. No model is loaded yet. */
export async function startWorkerd(
  configPath: string,
  port: number,
  { readyPath = '/noop', logs = true } = {},
): Promise<RunningWorkerd> {
  const spawnedMs = performance.now()
  const stdio: StdioOptions = ['ignore', logs ? 'inherit' : 'ignore', 'inherit']
  const child = killAtExit(spawn(workerdBin, ['serve', configPath], { stdio }))
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const stop = async () => {
    child.kill('SIGKILL') // it would wait for open connections otherwise
    await exited
  }
  const url = `http://127.0.0.1:${port}`
  for (const deadline = Date.now() + START_TIMEOUT_MS; ; await sleep(1)) {
    if (child.exitCode !== null)
      throw new Error(`workerd ended with status ${child.exitCode}: is port ${port} taken?`)
    const response = await fetch(url + readyPath).catch(() => undefined)
    await response?.arrayBuffer()
    if (response?.ok)
      return { pid: child.pid!, url, startMs: performance.now() - spawnedMs, process: child, stop }
    if (Date.now() > deadline) {
      await stop()
      throw new Error(
        `workerd did not respond at ${url}${readyPath} within ${START_TIMEOUT_MS / 1000} s (${response?.status})`,
      )
    }
  }
}

if (import.meta.main) {
  endWithNpm()
  const options = new Command('npm run workerd --')
    .description('Serves the built worker in raw workerd.')
    .option('--port <n>', 'where it listens', positiveNumber, 8788)
    .option(
      '--models <dir>',
      'holds one directory per model; default models/. May be given several times.',
      repeated,
    )
    .option('--var <name=value>', 'overrides a [vars] entry of wrangler.toml', repeated, [])
    .parse()
    .opts<{ port: number; models?: string[]; var: string[] }>()
  const { port } = options
  const vars = Object.fromEntries(options.var.map((pair) => pair.split(/=(.*)/s).slice(0, 2)))
  const request = { ...defaultWorkerd, port, vars, models: options.models ?? defaultWorkerd.models }
  const { url, process: child } = await startWorkerd(await prepareWorkerd(request), port)
  console.log(`ready on ${url}`)
  child.once('exit', (code) => process.exit(code ?? 0))
}
