/** The npm package, installed from its tarball: `npx vitest run --project package`. */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    name: 'package',
    root: import.meta.dirname,
    globalSetup: './setup.ts',
    testTimeout: 120_000,
    hookTimeout: 240_000,
  },
})
