import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { importsOf, ownFiles, ROOT, textOf } from '../scripts/house/imports.ts'

const notice = textOf('NOTICE')

test('NOTICE names every package that the service and the page contain', () => {
  const sources = ownFiles('.ts').filter((file) => /^(shared|edge)\//.test(file) && !file.endsWith('.d.ts'))
  const imported = sources.flatMap(importsOf).filter(({ isType, isFile }) => !isType && !isFile)
  const packages = imported.map(({ to }) => /^(@[^/]+\/)?[^/]+/.exec(to)![0])
  const shipped = new Set(packages.filter((name) => !/^(node|cloudflare):/.test(name)))
  expect(shipped.size).toBeGreaterThan(3)
  for (const name of shipped) expect(notice, name).toMatch(new RegExp(`^${name} `, 'm'))
})

test('NOTICE says of every shipped model what its weights were trained on', () => {
  for (const name of readdirSync(join(ROOT, 'models'))) expect(notice).toContain(`models/${name}`)
})

test('every package in every lockfile has its hash, and none has an address', () => {
  for (const folder of [
    '.',
    'bench/networks/onnx',
    'test/package/runtimes',
    'train/tensorflow',
    'train/webgpu',
  ]) {
    const { packages } = JSON.parse(textOf(join(folder, 'package-lock.json')))
    const own = (path: string) => path === '' || !path.includes('node_modules/') // of this repository
    for (const [path, entry] of Object.entries<{ integrity?: string; resolved?: string; link?: true }>(
      packages,
    )) {
      if (!own(path) && !entry.link) expect(entry.integrity, `${folder} ${path}`).toMatch(/^sha512-/)
      expect(entry.resolved ?? '', path).not.toMatch(/^https?:/)
    }
  }
})
