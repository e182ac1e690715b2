/**
 * The textbook autoencoder as a model directory. Trained here if it does not exist or has an older format; two short
 * epochs are enough to measure speed.
 */
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { ManifestSchema, MODEL_PATHS } from '../../shared/manifest.ts'
import { trainCommand } from '../../train/command.ts'

export async function textbookModels(): Promise<string> {
  const parent = join(import.meta.dirname, '..', '..', '.cache', 'bench-models')
  const out = join(parent, 'textbook')
  if (await isCurrent(join(out, MODEL_PATHS.manifest))) return parent
  await rm(out, { recursive: true, force: true })
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

async function isCurrent(manifest: string): Promise<boolean> {
  const text = await readFile(manifest, 'utf8').catch(() => 'null')
  return v.is(ManifestSchema, JSON.parse(text))
}
