import { beforeEach, expect, test } from 'vitest'
import { measureQueues } from '../../edge/bulk/metrics.ts'
import { bindings, DB, deliver, event, png, put, startAfresh } from './bulk.ts'

beforeEach(startAfresh)

// The first here, because an isolate measures once a minute.
test('the backlogs that `bulk status` shows are the queues’ own metrics, written once a minute', async () => {
  const backlogs = async () => {
    const { results } = await DB.prepare('SELECT name, backlog FROM queues ORDER BY name').all()
    return results
  }
  const measure = async (backlogCount: number) => {
    const metadata = { metrics: { backlogCount, backlogBytes: 700 } }
    const batch = { queue: 'latent64-images', messages: [], metadata }
    await measureQueues(bindings, batch as unknown as MessageBatch<unknown>)
  }
  const measured = [
    { name: 'dead letters', backlog: 0 },
    { name: 'messages', backlog: 7 },
  ]
  await measure(7)
  expect(await backlogs()).toEqual(measured)
  await measure(8)
  expect(await backlogs()).toEqual(measured)
})

test('a batch is counted by result, model and kind of problem, without any key', async () => {
  const points: AnalyticsEngineDataPoint[] = []
  const METRICS = { writeDataPoint: (point) => points.push(point!) } as AnalyticsEngineDataset
  await put('SECRET-a.png', await png())
  await put('SECRET-b.png', await png(1))
  await put('SECRET-c.txt', 'no image')
  const bodies = ['SECRET-a.png', 'SECRET-b.png', 'SECRET-c.txt', 'SECRET-d.png'].map((key) => event(key))
  await deliver(bodies, { METRICS }, 2)
  const counts = points.map(({ blobs, doubles }) => [...blobs!.slice(2), doubles![5], doubles![7]])
  expect(counts.toSorted()).toEqual([
    ['compressed', 'mnist', '', 'photos', 2, 2],
    ['failed', '', 'unsupported-type', 'photos', 1, 2],
    ['unchanged', '', '', 'photos', 1, 2],
  ])
  const compressed = points.find(({ blobs }) => blobs![2] === 'compressed')!
  expect(compressed.doubles![4]).toBeGreaterThan(20) // bytes of two codes
  expect(JSON.stringify(points)).not.toContain('SECRET')
})
