import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { TEST_MODELS } from '../scripts/test-models.ts'
import { readCheckpoint } from '../train/checkpoint.ts'

const ROOT = join(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'latent64-lifecycle-'))
/** In the environment of all that a command starts, which tells its processes from others. */
const MARK = 'LATENT64_LIFECYCLE_TEST'
let mark = ''
beforeEach(({ task }) => {
  mark = `${process.pid}-${task.id}`
})
afterEach(() => {
  for (const { pid } of left()) process.kill(pid, 'SIGKILL')
})
afterAll(() => rmSync(folder, { recursive: true }))

/** As a terminal or a supervisor starts it: the signal goes to npm alone. */
function npm(...words: string[]): ChildProcess {
  return spawn('npm', words, { cwd: ROOT, env: { ...process.env, [MARK]: mark }, stdio: 'ignore' })
}

async function until(condition: () => boolean | Promise<boolean>, seconds: number): Promise<void> {
  const deadline = Date.now() + 1000 * seconds
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not within ${seconds} s: ${condition}`)
    await sleep(50)
  }
}

const freePort = () => usePort(0)
const isFree = (port: number) => usePort(port).then(Boolean, () => false)
function usePort(wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(wanted, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}

const answers = (port: number) => fetch(`http://127.0.0.1:${port}/noop`).then(Boolean, () => false)

/** The processes that carry the mark; Linux only. */
function left(): { pid: number; command: string }[] {
  if (!existsSync('/proc/self/environ')) return []
  return readdirSync('/proc').flatMap((name) => {
    try {
      if (!readFileSync(`/proc/${name}/environ`, 'utf8').split('\0').includes(`${MARK}=${mark}`)) return []
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ')
      return command === '' ? [] : [{ pid: Number(name), command }] // a zombie has none
    } catch {
      return []
    }
  })
}

test.each([
  ['SIGTERM', ['start', '--', '--port']],
  ['SIGINT', ['start', '--', '--port']],
  ['SIGTERM', ['run', 'workerd', '--', '--models', TEST_MODELS, '--port']],
  [
    'SIGTERM',
    [
      'run',
      'bench',
      '--',
      '--requests-only',
      '--only',
      'mnist compress raw',
      '--models',
      TEST_MODELS,
      '--out',
      '/dev/null',
      '--port',
    ],
  ],
] as const)(
  '%s to npm ends all that `npm %j` started, and frees the port within 5 s',
  async (signal, words) => {
    const port = await freePort()
    const command = npm(...words, String(port))
    await until(() => answers(port), 150)
    expect(left().length).toBeGreaterThan(1)
    command.kill(signal)
    await until(() => isFree(port), 5)
    await until(() => left().length === 0, 5)
  },
  240_000,
)

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s to npm leaves a checkpoint of the training run it started',
  async (signal) => {
    const out = join(folder, signal)
    const small = '--objective ae --encoder-widths 16 --decoder-widths 16 --latent 8 --validation 50'
    const command = npm(
      ...['run', 'train', '--', ...small.split(' '), '--backend', 'wasm', '--epochs', '1000', '--out', out],
    )
    await until(() => existsSync(join(out, 'metrics.jsonl')), 90)
    command.kill(signal)
    await until(() => left().length === 0, 15)
    expect(readCheckpoint(join(out, 'checkpoint.bin')).backend).toBe('wasm')
  },
  240_000,
)

test('SIGTERM to npm ends the evaluation it started', async () => {
  const command = npm(
    'run',
    'evaluate',
    '--',
    '--model',
    join(TEST_MODELS, 'mnist'),
    '--out',
    folder,
    '--fresh',
  )
  await until(() => left().some(({ command }) => command.includes('latent64.ts evaluate')), 30)
  await sleep(1500)
  command.kill('SIGTERM')
  await until(() => left().length === 0, 5)
}, 60_000)
