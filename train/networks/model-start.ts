/** Training that starts from a model, shipped or from an earlier run (--from). */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readModelFiles } from '../../node/load-model.ts'
import { findModel } from '../../node/model-directory.ts'
import { loadPlain } from '../../node/tensorflow/plain-tfjs.ts'
import { type Level, MODEL_PATHS, sampleCount } from '../../shared/manifest.ts'
import type { LayersFile } from '../../shared/network/layers/layers-file.ts'
import { type PreviewParameters, readParameters } from '../../shared/preview/parameters.ts'
import { DEPENDENT_STEP } from '../export/rate-levels.ts'
import { presets } from '../presets.ts'
import type { OptimizationSettings, RunSettings } from '../settings.ts'
import type { Networks } from './networks.ts'

/** A trained model needs small steps, and soon gets worse on other images, so the best weights are kept. */
const refinement: Partial<OptimizationSettings> = {
  epochs: 100,
  batch: 64,
  learningRate: 3e-4,
  warmupSteps: 20,
  patience: 15,
}

/** So many dimensions more has a preview that starts from another. */
const ADDED_LATENTS = 32

/** The settings of the model's own training, changed for a shorter one on other images. */
export function settingsFrom(nameOrDirectory: string): RunSettings {
  const { directory, manifest } = findModel(nameOrDirectory)
  const own = trainedSettings(join(directory, MODEL_PATHS.record))
  if (!own) throw new Error(`--from ${nameOrDirectory}: its record does not say how it was trained`)
  const { objective } = own
  if (own.networks.decoder.family === 'dct') {
    const { preview } = presets
    const networks = { ...preview.networks, latent: manifest.latent + ADDED_LATENTS }
    return { ...preview, preset: 'none', from: manifest.name, networks }
  }
  return {
    ...own,
    preset: 'none',
    from: manifest.name,
    data: { ...own.data, size: manifest.input },
    objective: objective.name === 'rate-distortion' ? { ...objective, levelsFrom: 0 } : objective,
    optimization: { ...own.optimization, ...refinement },
  }
}

/** Records of the first models have their settings in one list, and name the preset. */
function trainedSettings(file: string): RunSettings | undefined {
  const { settings } = JSON.parse(readFileSync(file, 'utf8')) as { settings?: Partial<RunSettings> }
  if (settings?.networks) return settings as RunSettings
  return Object.values(presets).find(({ preset }) => preset === settings?.preset)
}

/** The decoder of a preview. */
export function previewParameters(nameOrDirectory: string): PreviewParameters {
  const { directory } = findModel(nameOrDirectory)
  return readParameters(readFileSync(join(directory, MODEL_PATHS.preview)))
}

/** Gives networks of the model's own families and widths its weights. */
export async function setWeightsFrom(nameOrDirectory: string, { encoder, decoder }: Networks): Promise<void> {
  const files = await readModelFiles(findModel(nameOrDirectory).directory)
  for (const [file, model] of [
    [files.encoder, encoder.model],
    [files.decoder, decoder],
  ] as const)
    await copyWeights(file, model)
}

async function copyWeights(file: LayersFile, model: Networks['decoder']): Promise<void> {
  const source = await loadPlain(file)
  for (const layer of model.layers)
    if (layer.getWeights().length > 0) layer.setWeights(source.getLayer(layer.name).getWeights())
  source.dispose()
}

/** For each lambda, the quantization steps of the model's level that was trained for about the same one. [level][latent] */
export function trainedSteps(nameOrDirectory: string, lambdas: number[]): number[][] {
  const { levels, input } = findModel(nameOrDirectory).manifest
  const distance = ({ lambdaBits }: Level, lambda: number) =>
    Math.abs(Math.log(lambdaBits / (lambda * sampleCount(input))))
  return lambdas.map((lambda) => {
    const nearest = levels.reduce((a, b) => (distance(b, lambda) < distance(a, lambda) ? b : a))
    return nearest.steps.map((step) => step / DEPENDENT_STEP)
  })
}
