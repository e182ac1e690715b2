/** Before all tests: dist/assets with the shipped models, and the small models of the tests. */
import { buildAssets, defaultAssets } from '../scripts/build-assets.ts'
import { ensureTestModels } from '../scripts/test-models.ts'

export default async function setup(): Promise<void> {
  ensureTestModels()
  await buildAssets(defaultAssets)
}
