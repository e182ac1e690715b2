import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { prepareService, type Service, startService } from '../../bench/bulk/service.ts'
import { wranglerBin } from '../../node/wrangler-bin.ts'

const root = join(import.meta.dirname, '..', '..')
const run = promisify(execFile)

describe.skipIf(process.platform !== 'linux')('npm run bulk, with the worker under wrangler dev', () => {
  let dir: string
  let service: Service

  const bulk = async (...args: string[]): Promise<string> => {
    const target = ['--local', '--port', new URL(service.url).port, '--env', '', '--config', config()]
    const command = [join(root, 'cli', 'bulk', 'bulk.ts'), ...target, ...args]
    return (await run(process.execPath, command, { cwd: root })).stdout
  }
  const config = () => join(dir, 'wrangler.json')

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'latent64-bulk-command-'))
    await prepareService({ entry: 'edge/worker.ts', dir, vars: { LOG: 'off' }, consumes: true })
    service = await startService(dir, '/models')
    for (const file of ['cat.jpg', 'digit-2.png', 'README.md']) {
      const path = join(root, 'edge', 'page', 'examples', file)
      const put = ['r2', 'object', 'put', `photos/${file}`, '--file', path, '--local', '--config', config()]
      await run(process.execPath, [wranglerBin, ...put], { cwd: root })
    }
  }, 240_000)

  afterAll(async () => {
    await service?.kill()
    await rm(dir, { recursive: true, force: true })
  })

  test('a dry run counts, a backfill compresses, status shows the result', {
    timeout: 240_000,
  }, async () => {
    expect(JSON.parse(await bulk('backfill', '--dry-run', '--json'))).toMatchObject({ listed: 3, queued: 3 })
    const report = JSON.parse(await bulk('backfill', '--json'))
    expect(report).toMatchObject({ listed: 3, queued: 3, images: 2, failures: { 'unsupported-type': 1 } })
    const { buckets, backfills } = JSON.parse(await bulk('status', '--json'))
    expect(buckets).toMatchObject([
      { bucket: 'photos', problem: null, images: 2 },
      { bucket: 'photos', problem: 'unsupported-type', images: 1 },
    ])
    expect(backfills).toMatchObject([{ state: 'complete' }, { state: 'complete' }])
    expect(await bulk('status')).toMatch(/bucket photos: 2 codes, [\d.]+ bytes on average/)
  })

  test('a command that can’t run says so, with an exit status for scripts', {
    timeout: 120_000,
  }, async () => {
    await expect(bulk('backfill', '--bucket', 'other')).rejects.toThrow('expected one of photos')
    await expect(bulk('backfill', '--per-second', '9000')).rejects.toMatchObject({ code: 2 })
    await service.kill()
    await sleep(200)
    await expect(bulk('backfill', '--no-wait')).rejects.toMatchObject({ code: 1 })
  })
})
