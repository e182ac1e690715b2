import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

/** The picture itself is 4,096 of them. */
const MOST_BYTES = 20_000

test('a decode at 32 x 32 allocates less than 20 kB', () => {
  const flags = ['--expose-gc', '--min-semi-space-size=128', '--max-semi-space-size=128']
  const printed = execFileSync(process.execPath, [...flags, join(import.meta.dirname, 'allocated.ts')], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  expect(Number(printed)).toBeGreaterThan(4096)
  expect(Number(printed)).toBeLessThan(MOST_BYTES)
})
