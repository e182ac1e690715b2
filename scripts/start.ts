/** `npm start`: serves the worker locally by wrangler, which builds it first; arguments are passed on to it. */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { endWithNpm } from '../node/lifecycle.ts'
import { wranglerBin } from '../node/wrangler-bin.ts'

const root = join(import.meta.dirname, '..')

function hasApiKeys(): boolean {
  const path = join(root, '.dev.vars')
  return existsSync(path) && /^\s*API_KEYS\s*=\s*\S/m.test(readFileSync(path, 'utf8'))
}

endWithNpm()
if (!hasApiKeys())
  console.log('API_KEYS is not set: the service is open, and without a rate limit (docs/deploy.md)')

// Makes no network requests: no telemetry, no check for newer versions, no sample of a request's `cf` object.
const quiet = {
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
}
const wrangler = spawn(process.execPath, [wranglerBin, 'dev', ...process.argv.slice(2)], {
  cwd: root,
  env: { ...quiet, ...process.env },
  stdio: 'inherit',
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => wrangler.kill(signal))
wrangler.on('exit', (code) => process.exit(code ?? 0))
