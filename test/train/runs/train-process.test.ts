import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import sharp from 'sharp'
import { afterAll, expect, test } from 'vitest'
import { readManifest } from '../../../node/model-directory.ts'
import { readCheckpoint } from '../../../train/checkpoint.ts'

const folder = mkdtempSync(join(tmpdir(), 'latent64-process-'))
afterAll(() => rmSync(folder, { recursive: true }))

const model =
  '--objective ae --encoder-widths 16 --decoder-widths 16 --latent 8 --validation 50 --backend wasm'

/** The command as a user starts it. */
function train(args: string): ChildProcess {
  return spawn('node', ['cli/latent64.ts', 'train', ...args.split(' ')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
}

function ended(child: ChildProcess): Promise<{ code: number | null; text: string }> {
  let text = ''
  child.stderr!.on('data', (data) => {
    text += data
  })
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, text })))
}

async function waitFor(condition: () => boolean) {
  while (!condition()) await sleep(20)
}

const weights = (out: string) => {
  const { arrays } = readCheckpoint(join(out, 'checkpoint.bin'))
  const hash = createHash('sha256')
  for (const array of arrays) hash.update(array)
  return hash.digest('hex')
}

const epochsDone = (out: string) => {
  const file = join(out, 'checkpoint.bin')
  return existsSync(file) ? readCheckpoint(file).position.epoch : -1
}

/** They take some seconds: time to be killed in. Each is shorter than the time between checkpoints. */
const EPOCHS = 60

test('a run killed in mid-epoch and resumed ends with the weights of an uninterrupted run, and exports', async () => {
  const run = `${model} --data mnist --limit 2000 --epochs ${EPOCHS} --batch 16 --checkpoint-minutes 0.01`
  const [whole, broken] = [join(folder, 'whole'), join(folder, 'broken')]
  const victim = train(`${run} --out ${broken}`)
  const death = ended(victim)
  await waitFor(() => epochsDone(broken) >= 0 || victim.exitCode !== null)
  victim.kill('SIGKILL')
  expect((await death).code).toBe(null)
  expect(epochsDone(broken)).toBeLessThan(EPOCHS)

  const unbroken = train(`${run} --out ${whole}`)
  await waitFor(() => epochsDone(whole) === EPOCHS || unbroken.exitCode !== null)
  unbroken.kill('SIGKILL') // its export is not needed
  const resumed = await ended(train(`--resume ${broken}`))
  expect(resumed.text).toContain('report.html')
  expect(resumed.code).toBe(0)
  expect(weights(broken)).toBe(weights(whole))
  const record = JSON.parse(readFileSync(join(broken, 'record.json'), 'utf8'))
  expect(record).toMatchObject({ backend: 'wasm', seed: 1, epochs: EPOCHS, data: 'mnist' })
  expect(record.validation.psnrDb).toBeGreaterThan(11)
  expect(record.images).toEqual({ training: 2000, validation: 50, measured: 50 })

  const report = readFileSync(join(broken, 'report.html'), 'utf8')
  const { levels, defaultLevel } = readManifest(broken)
  expect(report).toContain('Trained on 2,000 images')
  expect(report).toContain('50 were held out')
  expect(report).toContain(`${levels[defaultLevel].psnrDb.toFixed(2)} dB</dd><dt>PSNR at the default level`)
  for (const { meanBytes } of levels) expect(report).toContain(`>${meanBytes.toFixed(2)}</td>`)
  expect(report).toMatch(/ThumbHash<\/td>.*principal components/)
}, 300_000)

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  '%s leaves a checkpoint and says how to continue',
  async (signal, code) => {
    const out = join(folder, signal)
    const child = train(`${model} --data mnist --epochs 1000 --out ${out}`)
    const end = ended(child)
    await waitFor(() => existsSync(join(out, 'metrics.jsonl')))
    child.kill(signal)
    const result = await end
    expect(result.text).toContain(`--resume ${out}`)
    expect(result.code).toBe(code)
    expect(readCheckpoint(join(out, 'checkpoint.bin')).backend).toBe('wasm')
  },
  240_000,
)

test('a new run does not replace a model or an unfinished run without --force', async () => {
  for (const [out, what] of [
    [join(folder, 'broken'), 'a model'],
    [join(folder, 'whole'), 'an unfinished run'],
  ] as const) {
    const before = weights(out)
    const { code, text } = await ended(train(`${model} --data mnist --out ${out}`))
    expect(text).toContain(`${out} holds ${what}: --force replaces it, --resume ${out} continues its run`)
    expect(code).toBeGreaterThan(0)
    expect(weights(out)).toBe(before)
  }
})

/** PNG files of one colour each, from black up by `step`. */
async function flatImages(name: string, count: number, step: number): Promise<string> {
  const out = join(folder, name)
  mkdirSync(out)
  for (let i = 0; i < count; i++) {
    const level = i * step
    const background = { r: level, g: level, b: level }
    await sharp({ create: { width: 40, height: 40, channels: 3, background } }).toFile(join(out, `${i}.png`))
  }
  return out
}

test('wrong options, and data from which nothing can be learned, are refused in one line', async () => {
  const black = await flatImages('black', 20, 0)
  const five = await flatImages('five', 5, 40)
  for (const [args, message] of [
    ['--preset nothing', 'Allowed choices are textbook, mnist, photo'],
    ['--data /no/such/folder --backend wasm', 'neither mnist nor cifar10 nor a readable folder'],
    [`--resume ${join(folder, 'nowhere')}`, 'nothing to resume'],
    ['--preset mnist --batch 100 --backend wasm', 'must be a multiple'],
    [`--data ${black} --backend wasm`, 'all 16 training images (black) are the same'],
    [`--data ${five} --backend wasm`, '4 training images are too few'],
    [`--data ${five} --size 4096x4096 --backend wasm`, 'Try smaller networks'],
    ['--objective vae --lambda 30 --backend wasm', '--lambda: the objective vae has no rate levels'],
  ] as const) {
    const { code, text } = await ended(train(args))
    expect(text).toContain(message)
    expect(code).toBeGreaterThan(0)
  }
}, 240_000)
