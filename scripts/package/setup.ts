/**
 * `npm run setup:package`: installs what tests of the npm package need: other runtimes, publint, arethetypeswrong, and
 * the examples' packages.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { buildPackage } from './build.ts'

const root = join(import.meta.dirname, '..', '..')

await buildPackage() // the examples install it
const examples = readdirSync(join(root, 'examples')).map((name) => join('examples', name))
for (const directory of [join('test', 'package', 'runtimes'), ...examples]) {
  console.log(`npm ci in ${directory}`)
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: join(root, directory),
    stdio: 'inherit',
  })
  if (status !== 0) process.exit(status ?? 1)
}
