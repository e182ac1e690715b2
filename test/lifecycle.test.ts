import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
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

const responds = (port: number) => fetch(`http://127.0.0.1:${port}/noop`).then(Boolean, () => false)

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
    await until(() => responds(port), 150)
    expect(left().length).toBeGreaterThan(1)
    command.kill(signal)
    await until(() => isFree(port), 5)
    await until(() => left().length === 0, 5)
  },
  240_000,
)

const SMALL_RUN = [
  ...['run', 'train', '--', '--objective', 'ae', '--encoder-widths', '16', '--decoder-widths', '16'],
  ...['--latent', '8', '--validation', '50', '--backend', 'wasm', '--epochs', '1000', '--out'],
]

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s to npm leaves a checkpoint of the training run it started',
  async (signal) => {
    const out = join(folder, signal)
    const command = npm(...SMALL_RUN, out)
    await until(() => existsSync(join(out, 'metrics.jsonl')), 90)
    command.kill(signal)
    await until(() => left().length === 0, 15)
    expect(readCheckpoint(join(out, 'checkpoint.bin')).backend).toBe('wasm')
  },
  240_000,
)

const hasPython = spawnSync('python3', ['-V']).status === 0
if (!hasPython && !process.env.CI) console.log('skipped: a terminal of its own needs python3')

/** npm in a terminal of its own, whose keys are what is written to the child's input. */
function npmInTerminal(...words: string[]): ChildProcess {
  const program = 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))'
  return spawn('python3', ['-c', program, 'npm', ...words], {
    cwd: ROOT,
    env: { ...process.env, [MARK]: mark },
    stdio: ['pipe', 'ignore', 'ignore'],
  })
}

const trainingProcess = () => left().find(({ command }) => / \S*latent64\.ts train /.test(command))
const epochsIn = (out: string) => readFileSync(join(out, 'metrics.jsonl'), 'utf8').split('\n').length - 1
const exitStatus = (command: ChildProcess) =>
  new Promise<number | null>((resolve) => command.once('exit', resolve))

test.skipIf(!hasPython && !process.env.CI)(
  'Ctrl-C in a terminal leaves a checkpoint, also if the signal comes twice, and --resume continues from it',
  async () => {
    const out = join(folder, 'terminal')
    const first = npmInTerminal(...SMALL_RUN, out)
    await until(() => existsSync(join(out, 'metrics.jsonl')), 90)
    const firstStatus = exitStatus(first)
    const { pid } = trainingProcess()!
    first.stdin!.write('\x03')
    await sleep(100)
    if (left().some((each) => each.pid === pid)) process.kill(pid, 'SIGINT')
    expect(await firstStatus).toBe(130)
    await until(() => left().length === 0, 15)
    const epochs = epochsIn(out)
    expect(readCheckpoint(join(out, 'checkpoint.bin')).backend).toBe('wasm')

    const second = npmInTerminal('run', 'train', '--', '--resume', out)
    await until(() => epochsIn(out) > epochs, 90)
    const secondStatus = exitStatus(second)
    second.stdin!.write('\x03')
    expect(await secondStatus).toBe(130)
    expect(existsSync(join(out, 'checkpoint.bin'))).toBe(true)
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
