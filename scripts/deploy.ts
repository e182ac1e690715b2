/** `npm run deploy`: checks what would be deployed, then runs `wrangler deploy`. To staging unless --env says production. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { wranglerBin } from '../node/wrangler-bin.ts'
import { buildAssets, defaultAssets } from './build-assets.ts'

const HELP = `Builds the service and deploys it with wrangler (log in first: npx wrangler login).

  npm run deploy -- [--env staging|production|bulk] [--dry-run] [-- WRANGLER OPTIONS]

  --env      default staging; see [env.*] in wrangler.toml
  --dry-run  builds and checks, uploads nothing
`

const { values, positionals } = parseArgs({
  options: {
    env: { type: 'string', default: 'staging' },
    'dry-run': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
  allowPositionals: true,
})

if (values.help) {
  console.log(HELP)
  process.exit()
}
const ENVIRONMENTS = ['staging', 'production', 'bulk']
if (!ENVIRONMENTS.includes(values.env))
  fail(`--env must be one of ${ENVIRONMENTS.join(', ')}; got ${values.env}`)

const manifests = await buildAssets(defaultAssets) // also throws if two models have one id
if (manifests.length === 0) fail('models/ holds no model that runs at the edge: `npm run train` makes one')
console.log(`models: ${manifests.map(({ name, id }) => `${name} (${id})`).join(', ')}`)

const dryRun = values['dry-run'] ? ['--dry-run'] : []
const args = [wranglerBin, 'deploy', '--minify', '--env', values.env, ...dryRun, ...positionals]
const { status } = spawnSync(process.execPath, args, {
  cwd: join(import.meta.dirname, '..'),
  stdio: 'inherit',
})
process.exit(status ?? 1)

function fail(message: string): never {
  console.error(message)
  process.exit(1)
}
