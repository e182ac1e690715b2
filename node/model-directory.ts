/** Models on disk: models/NAME of this repository, or any directory that `latent64 train` wrote. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import * as v from 'valibot'
import { type Manifest, ManifestSchema, MODEL_PATHS } from '../shared/manifest.ts'
import { SHIPPED_MODELS } from './installed-files.ts'

export interface ModelDirectory {
  directory: string
  manifest: Manifest
}

/** A directory does not hold a model, or its files do not fit together. The message names the file or the directory. */
export class ModelDirectoryError extends Error {
  override name = 'ModelDirectoryError'
  constructor(path: string, cause: unknown) {
    super(`${path}: ${(cause as Error).message}`, { cause })
  }
}

export function readManifest(directory: string): Manifest {
  const path = join(directory, MODEL_PATHS.manifest)
  try {
    return checked(JSON.parse(readFileSync(path, 'utf8')))
  } catch (error) {
    throw new ModelDirectoryError(path, error)
  }
}

function checked(json: unknown): Manifest {
  const parsed = v.safeParse(ManifestSchema, json)
  if (parsed.success) return parsed.output
  const issue = parsed.issues[0]
  throw new Error(`${v.getDotPath(issue) ?? 'manifest'}: ${issue.message}`)
}

/** All models in a folder, sorted by name. */
export function listModels(folder = SHIPPED_MODELS): ModelDirectory[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name))
    .filter((directory) => existsSync(join(directory, MODEL_PATHS.manifest)))
    .map((directory) => ({ directory, manifest: readManifest(directory) }))
}

/** By directory, or by the name or id of a shipped model. */
export function findModel(nameOrDirectory: string): ModelDirectory {
  if (existsSync(join(nameOrDirectory, MODEL_PATHS.manifest)))
    return { directory: resolve(nameOrDirectory), manifest: readManifest(nameOrDirectory) }
  const own = join(SHIPPED_MODELS, nameOrDirectory)
  if (existsSync(join(own, MODEL_PATHS.manifest))) {
    const manifest = readManifest(own)
    if (manifest.name === nameOrDirectory) return { directory: own, manifest } // as almost always: no other need be read
  }
  const shipped = listModels()
  const found = shipped.find(
    ({ manifest: { name, id } }) => name === nameOrDirectory || id === nameOrDirectory,
  )
  if (found) return found
  const names = shipped.map(({ manifest }) => manifest.name).join(', ') || 'none'
  throw new Error(
    `no model ${nameOrDirectory}: expected a directory with a manifest.json, or one of: ${names}`,
  )
}
