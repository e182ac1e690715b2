/** The worker under `wrangler dev`, with R2, D1 and Workflows on disk, so that it can be killed and restarted. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { unstable_readConfig as readConfig } from 'wrangler'
import { killAtExit } from '../../node/lifecycle.ts'
import { wranglerBin } from '../../node/wrangler-bin.ts'

const root = join(import.meta.dirname, '..', '..')
const ENV = { ...process.env, WRANGLER_SEND_METRICS: 'false', WRANGLER_HIDE_BANNER: 'true' }
const START_TIMEOUT_MS = 60_000

interface ServiceRequest {
  /** Path of the worker from the repository's root. */
  entry: string
  /** Folder for its configuration and data. */
  dir: string
  vars: Record<string, unknown>
  /** Whether the worker consumes the queue itself, as deployed. */
  consumes?: boolean
}

/** [env.bulk] of wrangler.toml with another entry and more variables, and the tables of its migrations. */
export async function prepareService({ entry, dir, vars, consumes }: ServiceRequest): Promise<void> {
  const config = readConfig({ config: join(root, 'wrangler.toml'), env: 'bulk' })
  const { name, compatibility_date, compatibility_flags, assets, r2_buckets, workflows, keep_names } = config
  const databases = config.d1_databases.map((each: object) => ({
    ...each,
    migrations_dir: join(root, 'edge', 'bulk', 'migrations'),
  }))
  const own = {
    ...{ name, main: join(root, entry), compatibility_date, compatibility_flags, keep_names },
    assets: { ...assets, directory: join(root, 'dist', 'assets') },
    vars: { ...config.vars, ...vars },
    ...{ r2_buckets, workflows, d1_databases: databases },
    queues: consumes ? config.queues : { producers: config.queues.producers },
  }
  await mkdir(dir, { recursive: true })
  await writeFile(join(dir, 'wrangler.json'), JSON.stringify(own))
  const apply = ['d1', 'migrations', 'apply', 'DB', '--local', ...placeArguments(dir)]
  await promisify(execFile)(process.execPath, [wranglerBin, ...apply], { cwd: root, env: ENV })
}

const placeArguments = (dir: string) => ['--config', join(dir, 'wrangler.json')] // its data is kept beside it

export interface Service {
  url: string
  /** workerd's processes: wrangler runs one for the worker and one in front of it. */
  pids: number[]
  /** Sends SIGKILL to it and to wrangler: the work in progress is lost. */
  kill(): Promise<void>
}

export async function startService(dir: string, readyPath = '/ready'): Promise<Service> {
  const port = await freePort()
  const args = [wranglerBin, 'dev', ...placeArguments(dir), '--port', String(port), '--inspector-port', '0']
  const wrangler: ChildProcess = spawn(process.execPath, [...args, '--log-level', 'error'], {
    ...{ cwd: root, env: ENV, stdio: ['ignore', 'ignore', 'inherit'] },
  })
  killAtExit(wrangler)
  const url = `http://127.0.0.1:${port}`
  await ready(url + readyPath, wrangler)
  // Looked up each time, as wrangler starts another workerd when a source file changes.
  const killAll = () => {
    const pids = [...descendants(wrangler.pid!).keys()]
    for (const pid of pids.filter(isAlive)) process.kill(pid, 'SIGKILL')
    wrangler.kill('SIGKILL')
    return pids
  }
  process.prependListener('exit', killAll) // before killAtExit's: without wrangler its children could not be found
  const kill = async () => {
    process.off('exit', killAll)
    if (wrangler.exitCode !== null || wrangler.signalCode !== null) return // killed before
    const exited = new Promise<void>((resolve) => wrangler.once('exit', () => resolve()))
    const pids = killAll()
    await exited
    while (pids.some(isAlive)) await sleep(20) // its files stay locked until then
  }
  const started = descendants(wrangler.pid!)
  const pids = [...started.keys()].filter((pid) => started.get(pid) === 'workerd')
  return { url, pids, kill }
}

async function ready(url: string, wrangler: ChildProcess): Promise<void> {
  for (const deadline = Date.now() + START_TIMEOUT_MS; ; await sleep(50)) {
    const response = await fetch(url).catch(() => undefined)
    await response?.arrayBuffer()
    if (response?.ok) return
    if (wrangler.exitCode !== null) throw new Error(`wrangler dev ended with status ${wrangler.exitCode}`)
    if (Date.now() > deadline) throw new Error(`wrangler dev did not respond at ${url}`)
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}

/** By /proc: the pids and names of all processes that this one has started. */
function descendants(parent: number): Map<number, string> {
  const found = new Map<number, string>()
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const all = pids.flatMap((pid) => {
    const stat = /^\d+ \((.*)\) \S (\d+)/s.exec(readStat(pid))
    return stat === null ? [] : [{ pid: Number(pid), name: stat[1], parent: Number(stat[2]) }]
  })
  const add = (of: number) => {
    for (const { pid, name } of all.filter((each) => each.parent === of)) {
      found.set(pid, name)
      add(pid)
    }
  }
  add(parent)
  return found
}

function readStat(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    return '' // it ended meanwhile
  }
}

const isAlive = (pid: number) => existsSync(`/proc/${pid}`) && !/^\d+ \(.*\) Z/s.test(readStat(String(pid)))
