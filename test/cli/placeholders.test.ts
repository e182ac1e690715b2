import { execFile, spawn } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const run = promisify(execFile)
const cli = join(import.meta.dirname, '..', '..', 'cli', 'latent64.ts')
const examples = join(import.meta.dirname, '..', '..', 'edge', 'page', 'examples')

let folder: string
let json: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latent64-placeholders-'))
  json = join(folder, 'out.json')
  await mkdir(join(folder, 'photos', 'more'), { recursive: true })
  await copyFile(join(examples, 'cat.jpg'), join(folder, 'photos', 'cat.jpg'))
  await copyFile(join(examples, 'coffee.jpg'), join(folder, 'photos', 'more', 'coffee.jpg'))
})
afterEach(() => rm(folder, { recursive: true }))

const placeholders = (...words: string[]) =>
  run(process.execPath, [cli, 'placeholders', join(folder, 'photos'), '--json', json, ...words])
const written = async (path = json) => JSON.parse(await readFile(path, 'utf8'))

describe('latent64 placeholders', () => {
  test('writes code, size, colour and a data URL of at most 300 characters for each photograph', async () => {
    await placeholders('--max-bytes', '24')
    const all = await written()
    expect(Object.keys(all)).toEqual(['cat.jpg', 'more/coffee.jpg'])
    expect(all['cat.jpg']).toMatchObject({
      width: 400,
      height: 266,
      color: expect.stringMatching(/^#[0-9a-f]{6}$/),
    })
    for (const { code, dataURL } of Object.values<{ code: string; dataURL: string }>(all)) {
      expect(Buffer.from(code, 'base64url').length).toBeLessThanOrEqual(24)
      expect(dataURL.length).toBeLessThanOrEqual(300)
    }
  })

  test('recomputes only files that changed, not renamed ones, and drops files that are gone', async () => {
    await placeholders()
    const before = await written()
    const { mtimeMs } = await stat(json)
    expect((await placeholders()).stderr).toContain('0 computed, 2 kept')
    expect((await stat(json)).mtimeMs).toBe(mtimeMs)
    await rename(join(folder, 'photos', 'cat.jpg'), join(folder, 'photos', 'tom.jpg'))
    await copyFile(join(examples, 'rocket.jpg'), join(folder, 'photos', 'more', 'coffee.jpg'))
    expect((await placeholders()).stderr).toContain('1 computed, 1 kept')
    const after = await written()
    expect(Object.keys(after)).toEqual(['more/coffee.jpg', 'tom.jpg'])
    expect(after['tom.jpg']).toEqual(before['cat.jpg'])
    expect(after['more/coffee.jpg'].code).not.toBe(before['more/coffee.jpg'].code)
  })

  test('recomputes everything for another bound', async () => {
    await placeholders()
    expect((await placeholders('--max-bytes', '20')).stderr).toContain('2 computed, 0 kept')
  })

  test('a damaged photograph is reported, the others are written, and the exit status is 1', async () => {
    await writeFile(join(folder, 'photos', 'bad.jpg'), 'no image')
    const failed = await placeholders().catch((error) => error)
    expect(failed.code).toBe(1)
    expect(failed.stderr).toContain('bad.jpg')
    expect(Object.keys(await written())).toEqual(['cat.jpg', 'more/coffee.jpg'])
  })

  test('a JSON file of something else is not overwritten', async () => {
    await writeFile(json, '{"name": "a package"}')
    const failed = await placeholders().catch((error) => error)
    expect(failed.stderr).toContain('was not written by this command')
    expect(await readFile(json, 'utf8')).toBe('{"name": "a package"}')
  })

  test('--watch writes the file again when a photograph is added', async () => {
    const child = spawn(process.execPath, [
      cli,
      'placeholders',
      join(folder, 'photos'),
      '--json',
      json,
      '--watch',
    ])
    try {
      let said = ''
      child.stderr.on('data', (data) => {
        said += data
      })
      await until(() => said.includes('watching'))
      await copyFile(join(examples, 'rocket.jpg'), join(folder, 'photos', 'rocket.jpg'))
      await until(() => said.includes('3 placeholders'))
      expect(Object.keys(await written())).toContain('rocket.jpg')
    } finally {
      child.kill()
    }
  })
})

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo(); tries++) {
    if (tries > 300) throw new Error('waited 30 s')
    await new Promise((done) => setTimeout(done, 100))
  }
}
