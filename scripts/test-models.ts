/** Where make-test-model.ts leaves its models: beside those of another format, which a newer checkout can't read. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { FORMAT } from '../shared/manifest.ts'

export const TEST_MODELS = join(import.meta.dirname, '..', '.cache', `test-models-${FORMAT}`)

export function ensureTestModels(): void {
  if (existsSync(join(TEST_MODELS, 'photo', 'manifest.json'))) return
  execFileSync(process.execPath, [join(import.meta.dirname, 'make-test-model.ts')], { stdio: 'inherit' })
}
