/** The blind comparison's page (evaluate/eyes/blind), from a file, without a server. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Key, type Results, tally } from '../../evaluate/eyes/blind/key.ts'
import { describeInChromium, visit } from '../package/in-chromium.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const folder = mkdtempSync(join(tmpdir(), 'latent64-blind-'))
const page = join(folder, 'index.html')
let key: Key

beforeAll(() => {
  const words = ['--data', join(ROOT, 'edge', 'page', 'examples'), '--images', '2', '--out', folder]
  execFileSync(process.execPath, [join(ROOT, 'evaluate', 'eyes', 'blind', 'blind.ts'), ...words], {
    cwd: ROOT,
  })
  key = JSON.parse(readFileSync(join(folder, 'key.json'), 'utf8'))
})
afterAll(() => rmSync(folder, { recursive: true }))

test('the page names no codec, and ours may be on either side', () => {
  expect(readFileSync(page, 'utf8')).not.toMatch(/latent64|thumbhash|chromahash|maxBytes/i)
  const trials = Object.values(key.trials)
  expect(trials).toHaveLength(4)
  for (const { left, right } of trials)
    expect([left, right].filter(({ codec }) => codec === 'Latent64')).toHaveLength(1)
})

describeInChromium('the blind comparison', () => {
  test('asks one question for each pair, by click or key, and saves the choices as JSON', async () => {
    const { page: opened, errors } = await visit(pathToFileURL(page).href)
    for (const [i, act] of [
      () => opened.click('#left'),
      () => opened.keyboard.press('ArrowRight'),
      () => opened.click('#neither'),
    ].entries()) {
      expect(await opened.textContent('#progress')).toBe(`${i + 1} of 4`)
      const sizes = await opened.evaluate(() =>
        Promise.all(
          [...document.images].map((img) => img.decode().then(() => [img.naturalWidth, img.naturalHeight])),
        ),
      )
      expect(new Set(sizes.map(String)).size).toBe(1) // all three drawn alike
      await act()
    }
    await opened.keyboard.press('ArrowLeft')
    await opened.keyboard.press('ArrowLeft') // there is nothing more to choose
    const results: Results = JSON.parse(await opened.inputValue('textarea'))
    expect(results.choices.map(({ choice }) => choice)).toEqual(['left', 'right', 'neither', 'left'])
    expect(new Set(results.choices.map(({ id }) => id))).toEqual(new Set(Object.keys(key.trials)))
    expect(errors).toEqual([])
    const counts = Object.values(tally(key, [results]))
    expect(counts.reduce((sum, { chosen }) => sum + chosen, 0)).toBe(3)
    expect(counts.reduce((sum, { neither }) => sum + neither, 0)).toBe(2)
    await opened.context().close()
  })
})

test('results of another page are refused', () => {
  const foreign: Results = { kind: 'blind-results', choices: [{ id: 'toString', choice: 'left' }] }
  expect(() => tally(key, [foreign])).toThrow(/not in this key/)
})
