/** Where make-test-model.ts writes its models. The path has their format, since another checkout may use another one. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { FORMAT } from '../shared/manifest.ts'

export const TEST_MODELS = join(import.meta.dirname, '..', '.cache', `test-models-${FORMAT}`)

export function ensureTestModels(): void {
  if (existsSync(join(TEST_MODELS, 'photo', 'manifest.json'))) return
  execFileSync(process.execPath, [join(import.meta.dirname, 'make-test-model.ts')], { stdio: 'inherit' })
}
