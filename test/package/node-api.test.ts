import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, inject, test } from 'vitest'
import { isMissing, runScript, runtimes } from './runtimes.ts'

const run = promisify(execFile)
const examples = join(import.meta.dirname, '..', '..', 'edge', 'page', 'examples')
const photo = join(examples, 'cat.jpg')

const SCRIPT = `
import { compress, compressAll, decompress } from 'latent64'
const photo = ${JSON.stringify(photo)}
const one = await compress(photo, { maxBytes: 24 })
const batch = await compressAll(Array(20).fill(photo), { maxBytes: 24, workers: 2 })
const pixels = await compress({ data: new Uint8Array(64 * 48 * 4).fill(128), width: 64, height: 48 })
const long = await compress(photo, { maxBytes: 500 })
const picture = await decompress(long.code)
const longPixels = await compress({ data: picture.data, width: picture.width, height: picture.height, channels: 3 }, { maxBytes: 300 })
const wide = await decompress(long.bytes, { size: { width: 800 } })
const back = await decompress(one.code, { size: { width: 60 } })
const failed = await compress(new Uint8Array(20)).catch((error) => error.message)
const bad = await decompress('AAAA').catch((error) => error.name)
console.log(JSON.stringify({
  code: one.code, bytes: one.bytes.length, size: [one.width, one.height],
  batch: batch.map(({ value }) => value.code), pixels: [pixels.width, pixels.height],
  long: [long.bytes.length, picture.width, picture.height, picture.data.length], longPixels: longPixels.bytes.length, wide: [wide.width, wide.height],
  back: [back.width, back.height, back.channels, back.data.length], failed, bad,
}))
`

interface Outcome {
  code: string
  bytes: number
  size: number[]
  batch: string[]
  pixels: number[]
  long: number[]
  longPixels: number
  wide: number[]
  back: number[]
  failed: string
  bad: string
}

const outcomes: Outcome[] = []

describe('the Node API, from the tarball', () => {
  beforeAll(() => writeFile(join(inject('project'), 'api.js'), SCRIPT))

  for (const runtime of runtimes)
    test.skipIf(isMissing(runtime))(
      `${runtime.name} compresses, batches over threads and decompresses`,
      async () => {
        const outcome = (await runScript(runtime, inject('project'), 'api.js')) as Outcome
        outcomes.push(outcome)
        expect(outcome.bytes).toBeLessThanOrEqual(24)
        expect(outcome.size).toEqual([400, 266])
        expect(outcome.batch).toEqual(Array(20).fill(outcome.code))
        expect(outcome.pixels).toEqual([64, 48])
        expect(outcome.long[0]).toBeLessThanOrEqual(500)
        expect(outcome.long).toEqual([expect.any(Number), 400, 266, 400 * 266 * 3])
        expect(outcome.long[0]).toBeGreaterThan(480)
        expect(outcome.longPixels).toBeLessThanOrEqual(300)
        expect(outcome.wide).toEqual([800, 532])
        expect(outcome.back).toEqual([60, 40, 3, 60 * 40 * 3])
        expect(outcome.failed).toContain('image')
        expect(outcome.bad).toBe('CodecError')
      },
    )

  test('the code is the same in all of them', () => {
    for (const { code } of outcomes) expect(code).toBe(outcomes[0].code)
  })
})

test('without sharp, an image that needs it is refused with a message that says so', async () => {
  const gif = Buffer.from('R0lGODlhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs=', 'base64')
  await writeFile(join(inject('project'), 'one.gif'), gif)
  await writeFile(
    join(inject('project'), 'gif.js'),
    `import { compress } from 'latent64'; console.log(JSON.stringify(await compress('one.gif').catch((e) => e.message)))`,
  )
  const here = { name: 'this Node', command: process.execPath, arguments: [] }
  expect(await runScript(here, inject('project'), 'gif.js')).toMatch(/gif.*npm install sharp/i)
})

/** Their own Node runs what `npx latent64` would. */
const nodes = [
  { name: 'this Node', command: process.execPath },
  ...runtimes.filter(({ name }) => name.startsWith('Node ')),
]

for (const node of nodes)
  test.skipIf(isMissing(node))(
    `the command line, by ${node.name}, compresses a file and a folder, decompresses and inspects, and names what the package has`,
    async () => {
      const cwd = inject('project')
      const bin = join('node_modules', 'latent64', 'node', 'cli.js')
      const cli = (...words: string[]) => run(node.command, [bin, ...words], { cwd })
      await cli('compress', photo, '--out', 'cat.l64', '--max-bytes', '24', '--force')
      await cli('decompress', 'cat.l64', '--out', 'cat.png', '--force')
      expect(JSON.parse((await cli('inspect', 'cat.l64', '--json')).stdout).bytes.total).toBeLessThanOrEqual(
        24,
      )
      await cli('compress', examples, '--out', 'codes', '--force')
      await cli('compress', examples, '--out', 'codes.ndjson', '--force')
      await cli('placeholders', examples, '--json', 'placeholders.json')
      const { stdout } = await cli('--help')
      expect(stdout).toContain('compress')
      expect(stdout).not.toContain('train')
    },
  )
