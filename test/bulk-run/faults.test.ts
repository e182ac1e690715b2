import { expect, test } from 'vitest'
import { runFaults } from './faults.ts'

/** Processes are found by /proc. The same at 10,000 objects and with other seeds: `npm run bulk:test`. */
test.skipIf(process.platform !== 'linux')(
  'objects of all formats, messages twice and in any order, D1 and R2 failing, workerd killed: every row is right',
  { timeout: 300_000 },
  async () => {
    const { differences, ...figures } = await runFaults({
      ...{ objects: 300, seed: 64, faults: 0.05, kills: 1, consumers: 3, maxAttempts: 30 },
      onProgress: () => undefined,
    })
    expect(differences).toEqual([])
    expect(figures).toMatchObject({ kills: 1, dead: 0 })
    expect(figures.codes + figures.problems).toBe(figures.objects)
    expect(figures.problems).toBeGreaterThan(10)
    expect(figures.deliveries).toBeGreaterThan(300)
  },
)
