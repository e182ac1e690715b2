import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { prepareService, type Service, startService } from '../../bench/bulk/service.ts'

const OBJECTS = 40
const PAGE_KEYS = 4

async function send(service: Service, path: string, method: string, body?: string): Promise<string> {
  const response = await fetch(service.url + path, { method, body })
  expect(response.status).toBe(200)
  return response.text()
}

async function progress(service: Service): Promise<{ state: string; listed: number; queued: number }> {
  const rows = await send(service, '/sql', 'POST', 'SELECT state, listed, queued FROM backfills')
  return JSON.parse(rows)[0] ?? { state: 'listing', listed: 0, queued: 0 }
}

async function until(service: Service, isReached: (listed: number, state: string) => boolean): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    const { listed, state } = await progress(service)
    if (isReached(listed, state)) return
    await sleep(100)
  }
  throw new Error('the backfill does not go on')
}

test.skipIf(process.platform !== 'linux')(
  'a backfill whose process is killed goes on with the page it was at, and counts every key once',
  { timeout: 200_000 },
  async () => {
    const dir = await mkdtemp(join(tmpdir(), 'latent64-backfill-'))
    let service: Service | undefined
    try {
      const vars = { SEED: 1, FAULTS: 0, LOG: 'off' }
      await prepareService({ entry: 'test/bulk-run/faulty-worker.ts', dir, vars })
      service = await startService(dir)
      for (let i = 0; i < OBJECTS; i++) await send(service, `/object?key=${i}`, 'PUT', 'no image')
      const params = { bucket: 'photos', pageKeys: PAGE_KEYS, perSecond: PAGE_KEYS }
      await send(service, '/backfill?id=run', 'POST', JSON.stringify(params))
      await until(service, (listed) => listed >= 2 * PAGE_KEYS)
      await service.kill()
      service = await startService(dir)
      const { listed } = await progress(service)
      expect(listed).toBeLessThan(OBJECTS)
      await send(service, '/wake?id=run', 'POST') // Cloudflare does so itself, miniflare does not
      await until(service, (_, state) => state === 'draining')
      expect(await progress(service)).toMatchObject({ listed: OBJECTS, queued: OBJECTS })
    } finally {
      await service?.kill()
      await rm(dir, { recursive: true, force: true })
    }
  },
)
