import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { bundleWorker } from '../scripts/bundle-worker.ts'

/** 316 KiB in November 2026. Cloudflare's limit is 3 MB, but an isolate has to compile all of it at its start. */
const MAX_GZIP_BYTES = 320 * 1024

test('the worker with all image formats is at most 320 KiB, gzipped', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'latent64-bundle-'))
  try {
    const modules = await bundleWorker(join(dir, 'worker'))
    const sizes = await Promise.all(
      modules.map(async ({ path }) => gzipSync(await readFile(path), { level: 9 }).length),
    )
    expect(modules.some(({ kind }) => kind === 'wasm')).toBe(true)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(MAX_GZIP_BYTES)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
})
