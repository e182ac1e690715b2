import { expect, test } from 'vitest'
import { groupBy } from '../node/group-by.ts'
import { architecture, crossings, isAllowed, MAY_IMPORT } from '../scripts/house/direction.ts'
import { circles, importsOf, ownFiles, textOf } from '../scripts/house/imports.ts'
import { importTable, section } from '../scripts/house/write-architecture.ts'

const sources = ownFiles('.ts').filter((file) => !file.endsWith('.d.ts'))
const graph = (withTypes: boolean) =>
  new Map(
    sources.map((file) => {
      const imported = importsOf(file).filter(({ isType, isFile }) => isFile && (withTypes || !isType))
      return [file, imported.map(({ to }) => to).filter((to) => sources.includes(to))]
    }),
  )

test('imports run one way: shared <- node, edge <- train <- evaluate <- cli; nothing imports test', () => {
  const all = crossings()
  expect(all.length).toBeGreaterThan(300)
  expect(all.filter((each) => !isAllowed(each))).toEqual([])
})

test('the table in CONTRIBUTING.md and the picture in README.md are those of the code (npm run architecture)', () => {
  expect(section(textOf('CONTRIBUTING.md'), 'imports')).toBe(importTable())
  expect(section(textOf('README.md'), 'architecture')).toBe(architecture())
})

test('no files import one another in a circle', () => {
  expect(circles(graph(false))).toEqual([])
})

test('nor do their types', () => {
  expect(circles(graph(true))).toEqual([])
})

test('files have at most 250 lines', () => {
  const lines = (file: string) => textOf(file).split('\n').length - 1
  expect(sources.filter((file) => lines(file) > 250)).toEqual([])
})

/** Folders of many alike things. */
const WIDE = new Map([
  ['edge/page/front/gallery/photos', 20],
  ['edge/page/front/bytes/kodim23', 27],
])

test('a folder has at most 14 files at its root, except those listed', () => {
  const folders = groupBy(ownFiles(), (file) => file.split('/').slice(0, -1).join('/'))
  const isWide = ([folder, files]: [string, string[]]) =>
    folder !== '' && !folder.startsWith('models/') && files.length > (WIDE.get(folder) ?? 14)
  expect([...folders].filter(isWide).map(([folder, files]) => `${folder}: ${files.length}`)).toEqual([])
})

test('every folder of sources has a rule for its imports', () => {
  const tops = new Set(sources.filter((file) => file.includes('/')).map((file) => file.split('/')[0]))
  tops.delete('test')
  tops.delete('ports')
  expect([...tops].sort()).toEqual(Object.keys(MAY_IMPORT).sort())
})
