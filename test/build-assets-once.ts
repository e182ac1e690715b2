/** Before all tests: dist/assets with the shipped models, or with the small test models until both ship. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { buildAssets, defaultAssets } from '../scripts/build-assets.ts'

const root = join(import.meta.dirname, '..')
export const testModels = join(root, '.cache', 'test-models')

export function servedModels(): string[] {
  const ships = (name: string) => existsSync(join(root, 'models', name, 'manifest.json'))
  return ships('mnist') && ships('photo') ? defaultAssets.models : [testModels]
}

export default async function setup(): Promise<void> {
  if (!existsSync(join(testModels, 'photo', 'manifest.json')))
    execFileSync(process.execPath, [join(root, 'scripts', 'make-test-model.ts')], { stdio: 'inherit' })
  await buildAssets({ ...defaultAssets, models: servedModels() })
}
