import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT, textOf } from '../scripts/house/imports.ts'

const readme = textOf('README.md')
const commands = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) => block!.split('\n'))

test('every file that a curl in the README sends is in the repository, or made by an earlier command', () => {
  const made = new Set<string>()
  const sent = commands
    .filter((command) => command.startsWith('curl'))
    .flatMap((command) => {
      const files = [...command.matchAll(/@(\S+)/g)].map(([, file]) => file!)
      const missing = files.filter((file) => !made.has(file) && !existsSync(join(ROOT, file)))
      expect(missing, command).toEqual([])
      for (const [, file] of command.matchAll(/ -o (\S+)/g)) made.add(file!)
      return files
    })
  expect(sent.length).toBeGreaterThan(2)
})

test('every npm script that the README names exists, and so does every page it links to', () => {
  const { scripts } = JSON.parse(textOf('package.json'))
  for (const [, name] of readme.matchAll(/npm run ([\w:]+)/g)) expect(scripts).toHaveProperty([name!])
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link]) => link!)
  expect(links.length).toBeGreaterThan(8)
  expect(links.filter((link) => !existsSync(join(ROOT, link)))).toEqual([])
})
