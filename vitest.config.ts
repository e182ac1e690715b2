import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { configDefaults, defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    globalSetup: ['test/build-assets-once.ts'],
    reporters: ['default', './test/closing-line.ts'],
    projects: [
      {
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, 'test/worker/**', 'test/page/**'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
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
      './test/page/vitest.config.ts',
    ],
  },
})
