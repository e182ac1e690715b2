/**
 * From two trained networks to a model directory: weights at 16 bits, quantization steps for each rate level, integer
 * tables fitted to the training images' symbols, and what to expect of it, measured on the validation images.
 * Everything is measured through the codec itself: the planned executor, the 16-bit weights, the integer tables.
 */
import { join } from 'node:path'
import type * as tf from '@tensorflow/tfjs'
import { writeWhole } from '../../node/atomic-write.ts'
import { runInNode } from '../../node/load-model.ts'
import { compressBatch, decode, encode, type Model } from '../../shared/codec/codec.ts'
import { EntropyModel } from '../../shared/codec/entropy.ts'
import { mse, psnrDb } from '../../shared/images/metrics.ts'
import {
  FORMAT,
  type ImageShape,
  type Level,
  type Manifest,
  MODEL_PATHS,
  type ModelFiles,
  modelId,
  sampleCount,
} from '../../shared/manifest.ts'
import type { LayersFile } from '../../shared/network/layers/layers-file.ts'
import { unsupportedOps } from '../../shared/network/network-plan.ts'
import type { DistortionSettings } from '../objectives/distortion.ts'
import { fitLevel, type LevelFit } from './fit-level.ts'
import { DEPENDENT_STEP, deriveLevels, type LevelPlan, round, withLevelsBetween } from './rate-levels.ts'
import { saveLayers } from './save-layers.ts'

export interface ExportRequest {
  name: string
  outDir: string
  encoder: tf.LayersModel
  decoder: tf.LayersModel
  shape: ImageShape
  latent: number
  /** Of networks trained for rates; levels are derived from the latents otherwise. */
  rates?: TrainedRates
  /** Table sets of the mixture prior over the whole code: of the default level, and of the others. */
  components?: { default: number; others: number }
  /** 8-bit samples [n, h, w, c]. */
  trainImages: Uint8Array
  validationImages: Uint8Array
  record: object
  log?: (line: string) => void
}

export interface TrainedRates extends DistortionSettings {
  /** Quantization steps [level][latent], coarsest level first. */
  steps: number[][]
  /** What each level was trained for: loss = bits / samples + lambda * MSE. */
  lambdas: number[]
  defaultLevel: number
  /** The level nearest to this becomes the default, its steps scaled until a code takes this on validation images; 0: not. */
  targetBytes: number
}

const BATCH = 256
/** 16 save 2 to 3 % of the payload; on digits 64 save 5 %, on photographs no more. Tables grow with them. */
const COMPONENTS = { default: 64, others: 16 }
/** The default level has its own count only where that saves so much of its bytes. */
const WORTHWHILE = 0.995
const TUNING_ROUNDS = 6
/** Of the bytes asked for: near enough. */
const TUNING_TOLERANCE = 0.002
/** A network not trained for rates gets its tables in seconds, from fewer images. */
const DERIVED_IMAGES = 20_000

export async function exportModel(request: ExportRequest): Promise<Manifest> {
  const log = request.log ?? (() => {})
  const encoder = await saveLayers(request.encoder)
  const decoder = await saveLayers(request.decoder)
  const { manifest, tables } = await fitCodec(request, encoder, decoder, log)
  const files = { manifest, tables, encoder, decoder }
  await writeModel(request.outDir, files, { ...request.record, modelId: manifest.id })
  return manifest
}

async function fitCodec(
  request: ExportRequest,
  encoder: LayersFile,
  decoder: LayersFile,
  log: (line: string) => void,
) {
  const draft = await draftModel(request, encoder, decoder)
  const all = splitImages(request.trainImages, request.shape)
  const training = request.rates ? all : all.slice(0, DERIVED_IMAGES)
  const validation = splitImages(request.validationImages, request.shape)
  const latents = encodeAll(draft, training)
  const plans = request.rates
    ? withLevelsBetween(trainedLevels(request.rates, request.shape))
    : deriveLevels(draft.decoder, latents, networkMse(draft, training))
  const components = request.components ?? COMPONENTS
  const fit = (plan: LevelPlan, count: number) => {
    const fitted = fitLevel(draft, plan, latents, training, count)
    return { ...fitted, level: { ...fitted.level, ...measureLevel(draft, fitted, validation) } }
  }
  const fits = plans.map((plan, i) => {
    const fitted = fit(plan, components.others)
    logLevel(log, `rate level ${i} of ${plans.length}`, fitted.level)
    return fitted
  })
  const defaultLevel = chooseDefault(request.rates, fits)
  if (request.rates)
    fits[defaultLevel] = fitDefault(fits[defaultLevel]!, components, request.rates.targetBytes, fit)
  logLevel(log, `default level, ${defaultLevel}`, fits[defaultLevel]!.level)
  const tables = joinTables(fits.map((each) => each.tables))
  const manifest = { ...draft.manifest, levels: fits.map((each) => each.level), defaultLevel }
  return { manifest: { ...manifest, id: modelId({ tables, decoder }, manifest) }, tables }
}

/** The default level, with more components where they pay, its steps scaled to the bytes asked for. */
function fitDefault(
  first: LevelFit,
  components: { default: number; others: number },
  targetBytes: number,
  fit: (plan: LevelPlan, count: number) => LevelFit,
): LevelFit {
  const many = fit(first.level, components.default)
  const isWorthIt = many.level.meanBytes < WORTHWHILE * first.level.meanBytes
  const count = isWorthIt ? components.default : components.others
  let tuned = isWorthIt ? many : first
  if (!targetBytes) return tuned
  const distance = ({ level }: LevelFit) => Math.abs(level.meanBytes / targetBytes - 1)
  let nearest = tuned
  for (let round = 0; round < TUNING_ROUNDS && distance(nearest) > TUNING_TOLERANCE; round++) {
    tuned = fit(scaleSteps(tuned.level, stepFactor(tuned.level, targetBytes)), count)
    if (distance(tuned) < distance(nearest)) nearest = tuned
  }
  return nearest
}

async function draftModel(request: ExportRequest, encoder: LayersFile, decoder: LayersFile): Promise<Model> {
  const unsupported = [...new Set([encoder, decoder].flatMap((file) => unsupportedOps(file.topology)))]
  const manifest: Manifest = {
    format: FORMAT,
    name: request.name,
    id: '0000',
    created: new Date().toISOString(),
    input: request.shape,
    latent: request.latent,
    defaultLevel: 0,
    levels: [],
    unsupportedOps: unsupported,
  }
  return runInNode({ manifest, tables: new Uint8Array(), encoder, decoder })
}

const splitImages = (images: Uint8Array, shape: ImageShape): Uint8Array[] =>
  Array.from({ length: images.length / sampleCount(shape) }, (_, i) =>
    images.subarray(i * sampleCount(shape), (i + 1) * sampleCount(shape)),
  )

function* batches<T>(items: T[]): Generator<T[]> {
  for (let i = 0; i < items.length; i += BATCH) yield items.slice(i, i + BATCH)
}

function encodeAll(model: Model, images: Uint8Array[]): Float32Array {
  const latents = new Float32Array(images.length * model.manifest.latent)
  let at = 0
  for (const batch of batches(images))
    for (const latent of encode(model, batch)) {
      latents.set(latent, at)
      at += latent.length
    }
  return latents
}

/** The networks' own error on some training images, nothing quantized. */
function networkMse(model: Model, images: Uint8Array[]): number {
  const some = images.slice(0, 8 * BATCH)
  let sum = 0
  for (const batch of batches(some)) {
    const decoded = decode(model, encode(model, batch))
    for (const [i, image] of batch.entries()) sum += mse(image, decoded[i]!)
  }
  return sum / some.length
}

/** The level nearest to the bytes asked for; the one trained most; or that which adds about a third to the error. */
function chooseDefault(rates: TrainedRates | undefined, fits: LevelFit[]): number {
  if (!rates) return Math.floor((fits.length * 2) / 3)
  if (!rates.targetBytes) return 2 * rates.defaultLevel
  const distances = fits.map(({ level }) => Math.abs(level.meanBytes - rates.targetBytes))
  return distances.indexOf(Math.min(...distances))
}

function logLevel(log: (line: string) => void, title: string, { meanBytes, psnrDb }: Level): void {
  log(`${title}: ${meanBytes.toFixed(1)} bytes, ${psnrDb.toFixed(2)} dB on validation images`)
}

function trainedLevels({ steps, lambdas }: TrainedRates, shape: ImageShape): LevelPlan[] {
  return steps.map((ofLevel, level) => ({
    steps: ofLevel.map((step) => round(step * DEPENDENT_STEP)),
    lambdaBits: lambdas[level]! * sampleCount(shape),
  }))
}

/** A bit of every sent dimension is a halving of its step; in between, bytes go about with its logarithm. */
function stepFactor({ meanBytes, steps }: Level, targetBytes: number): number {
  const excessBits = 8 * (meanBytes - targetBytes)
  return Math.min(1.25, Math.max(0.8, 2 ** (excessBits / (0.8 * steps.length))))
}

const scaleSteps = ({ steps, lambdaBits }: Level, factor: number): LevelPlan => ({
  steps: steps.map((step) => round(step * factor)),
  lambdaBits: lambdaBits / factor ** 2,
})

function joinTables(levels: Uint8Array[]): Uint8Array {
  const lengths = new DataView(new ArrayBuffer(4 * levels.length))
  levels.forEach((tables, level) => {
    lengths.setUint32(4 * level, tables.length, true)
  })
  return Buffer.concat([new Uint8Array(lengths.buffer), ...levels])
}

function measureLevel(draft: Model, { level, tables }: LevelFit, images: Uint8Array[]) {
  const manifest = { ...draft.manifest, levels: [level], defaultLevel: 0 }
  const model = {
    ...draft,
    manifest,
    entropyModel: new EntropyModel([tables], manifest.latent),
  }
  const costs: number[] = []
  let bytes = 0
  let error = 0
  for (const batch of batches(images))
    for (const compressed of compressBatch(model, batch)) {
      bytes += compressed.bytes.total
      error += compressed.mse
      costs.push(compressed.costBits)
    }
  costs.sort((a, b) => a - b)
  return {
    meanBytes: round(bytes / images.length),
    psnrDb: round(psnrDb(error / images.length)),
    costLimitBits: round(costs[Math.round(0.99 * (costs.length - 1))]!),
  }
}

/** Each file is written beside its place and moved there, the manifest last: with it the model is whole. */
async function writeModel(outDir: string, files: ModelFiles, record: object): Promise<void> {
  const json = (value: unknown) => `${JSON.stringify(value)}\n`
  for (const part of ['encoder', 'decoder'] as const) {
    await writeWhole(join(outDir, MODEL_PATHS[part].topology), json(files[part].topology))
    await writeWhole(join(outDir, MODEL_PATHS[part].weights), files[part].weights)
  }
  await writeWhole(join(outDir, MODEL_PATHS.tables), files.tables)
  await writeWhole(join(outDir, MODEL_PATHS.record), `${JSON.stringify(record, null, 2)}\n`)
  await writeWhole(join(outDir, MODEL_PATHS.manifest), json(files.manifest))
}
