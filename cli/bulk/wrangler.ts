/** The worker to operate, as wrangler.toml describes it, and calls to it by wrangler, whether deployed or local. */
import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { unstable_readConfig as readConfig } from 'wrangler'
import { wranglerBin } from '../../node/wrangler-bin.ts'

export interface TargetFlags {
  env: string
  config: string
  local?: boolean
  port: number
}

export interface Target {
  /** For messages: the worker's name, and where it runs. */
  name: string
  buckets: string[]
  deadLetterQueue: string | undefined
  /** The statements' results, in order. */
  query<Row>(sql: string): Promise<Row[][]>
  startBackfill(id: string, params: object): Promise<void>
  describeBackfill(id: string): Promise<{ status: string; error: { message: string } | null }>
}

export function openTarget(flags: TargetFlags): Target {
  const config = readConfig({ config: resolve(flags.config), env: flags.env || undefined })
  const database = bound<{ database_name?: string }>(config.d1_databases, 'DB')?.database_name
  const workflow = bound<{ name: string }>(config.workflows, 'BACKFILL')?.name
  if (database === undefined || workflow === undefined)
    throw new Error(
      `[env.${flags.env}] of ${flags.config} has no D1 database DB or no Workflow BACKFILL: docs/bulk.md`,
    )
  const common = ['--config', resolve(flags.config), ...(flags.env ? ['--env', flags.env] : [])]
  const running = flags.local ? ['--local', '--port', String(flags.port)] : []
  return {
    name: `${config.name}, ${flags.local ? `local, port ${flags.port}` : 'deployed'}`,
    buckets: Object.keys((config.vars.BULK_BUCKETS ?? {}) as object),
    deadLetterQueue: config.queues.consumers?.[0]?.dead_letter_queue,
    async query<Row>(sql: string) {
      const place = flags.local ? '--local' : '--remote'
      const args = ['d1', 'execute', database, place, '--json', '--command', sql, ...common]
      const statements = parse<{ results: Row[] }[]>(await wrangler(args))
      return statements.map(({ results }) => results)
    },
    async startBackfill(id, params) {
      const args = ['workflows', 'trigger', workflow, JSON.stringify(params), '--id', id]
      await wrangler([...args, ...running, ...common])
    },
    async describeBackfill(id) {
      const args = ['workflows', 'instances', 'describe', workflow, id, '--json']
      return parse(await wrangler([...args, ...running, ...common]))
    },
  }
}

function bound<Entry>(entries: { binding: string }[], binding: string): Entry | undefined {
  return entries.find((entry) => entry.binding === binding) as Entry | undefined
}

/** A text as an SQL literal, as `d1 execute` takes no parameters. */
export const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`

/** Returns what it writes to standard output. Throws its error message. */
function wrangler(args: string[]): Promise<string> {
  const env = { ...process.env, WRANGLER_SEND_METRICS: 'false', WRANGLER_HIDE_BANNER: 'true', NO_COLOR: '1' }
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [wranglerBin, ...args],
      { env, maxBuffer: 1 << 28 },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout)
        else reject(new Error(`wrangler ${args.slice(0, 3).join(' ')}: ${complaint(stdout, stderr)}`))
      },
    )
  })
}

function complaint(stdout: string, stderr: string): string {
  const text = `${stderr}\n${stdout}`.trim()
  const json = /^\{.*^\}/ms.exec(text)?.[0]
  const message = json && (JSON.parse(json) as { error?: { text?: string } }).error?.text
  return message ?? text.split('\n').slice(0, 10).join('\n')
}

/** Warnings may come before the JSON. */
function parse<T>(text: string): T {
  const start = text.search(/^[[{]/m)
  if (start < 0) throw new Error(`expected JSON from wrangler, got ${text.slice(0, 200)}`)
  return JSON.parse(text.slice(start)) as T
}
