/** `npm start`: builds the assets, then serves the worker locally by wrangler, with any arguments passed on to it. */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildAssets, defaultAssets } from './build-assets.ts'
import { wranglerBin } from './bundle-worker.ts'

const root = join(import.meta.dirname, '..')

const manifests = await buildAssets(defaultAssets)
const names = manifests.map(({ name }) => name).join(', ')
console.log(names ? `models: ${names}` : 'there are no models in models/ yet: `npm run train` makes one')
if (!hasApiKeys())
  console.log('API_KEYS is not set: the service is open, and without a rate limit (docs/deploy.md)')

// No telemetry, no banner of newer versions: the first start needs no network.
const env = {
  ...process.env,
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  CI: process.env.CI ?? '1',
}
const wrangler = spawn(process.execPath, [wranglerBin, 'dev', ...process.argv.slice(2)], {
  cwd: root,
  env,
  stdio: 'inherit',
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => wrangler.kill(signal))
wrangler.on('exit', (code) => process.exit(code ?? 0))

function hasApiKeys(): boolean {
  const path = join(root, '.dev.vars')
  return existsSync(path) && /^\s*API_KEYS\s*=\s*\S/m.test(readFileSync(path, 'utf8'))
}
