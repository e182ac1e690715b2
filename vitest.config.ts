import { availableParallelism } from 'node:os'
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin'
import { configDefaults, defineConfig } from 'vitest/config'

const BULK_RUN = 'test/bulk-run/**/*.test.ts'
const LIFECYCLE = 'test/lifecycle.test.ts'

export default defineConfig({
  test: {
    globalSetup: ['test/build-assets-once.ts'],
    reporters: ['default', './test/closing-line.ts'],
    maxWorkers: Math.max(2, availableParallelism() - 1), // vitest's own default, but two on two cores: many tests wait
    projects: [
      {
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: [
            ...configDefaults.exclude,
            ...['worker', 'bulk', 'page', 'package'].map((folder) => `test/${folder}/**`),
            ...[BULK_RUN, LIFECYCLE],
          ],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        // Not beside others: `wrangler dev` starts anew, and loses its queue, if a file that it watches is written.
        test: { name: 'bulk-run', include: [BULK_RUN], sequence: { groupOrder: 1 } },
      },
      {
        // Nor beside those: `npm start` builds dist/assets anew.
        test: { name: 'lifecycle', include: [LIFECYCLE], sequence: { groupOrder: 2 } },
      },
      {
        // The service inside workerd itself, with the bindings of wrangler.toml.
        plugins: [
          cloudflareTest({
            wrangler: { configPath: './wrangler.toml' },
            miniflare: { bindings: { LOG: 'off' } },
          }),
        ],
        test: { name: 'worker', include: ['test/worker/**/*.test.ts'], testTimeout: 30_000 },
      },
      {
        // The worker of [env.bulk], on miniflare's R2, Queues, D1 and Workflows.
        plugins: [
          cloudflareTest(async () => ({
            wrangler: { configPath: './wrangler.toml', environment: 'bulk' },
            miniflare: {
              bindings: {
                MIGRATIONS: await readD1Migrations('edge/bulk/migrations'),
                API_KEYS: 'site:secret',
              },
            },
          })),
        ],
        test: { name: 'bulk', include: ['test/bulk/**/*.test.ts'], testTimeout: 60_000 },
      },
      './test/page/vitest.config.ts',
      './test/package/vitest.config.ts',
    ],
  },
})
