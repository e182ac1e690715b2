/** The page in a real Chromium, against the real worker: `npx vitest run --project page`. */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    name: 'page',
    root: import.meta.dirname,
    globalSetup: './setup.ts',
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
})
