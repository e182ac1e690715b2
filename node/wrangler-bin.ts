import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** The installed wrangler, to be run by Node. */
export const wranglerBin = join(
  dirname(createRequire(import.meta.url).resolve('wrangler/package.json')),
  'bin',
  'wrangler.js',
)
