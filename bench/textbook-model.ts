/** The textbook autoencoder as a model directory, trained here where there is none: two short epochs are enough for its speed. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { MODEL_PATHS } from '../shared/manifest.ts'
import { trainCommand } from '../train/cli.ts'

export async function textbookModels(): Promise<string> {
  const parent = join(import.meta.dirname, '..', '.cache', 'bench-models')
  const out = join(parent, 'textbook')
  if (existsSync(join(out, MODEL_PATHS.manifest))) return parent
  console.error('training the textbook autoencoder on 12000 digits, once: a minute')
  const args = [
    '--preset',
    'textbook',
    '--backend',
    'wasm',
    '--epochs',
    '2',
    '--limit',
    '12000',
    '--out',
    out,
  ]
  await trainCommand.parseAsync(args, { from: 'user' })
  return parent
}
