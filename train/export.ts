/**
 * From two trained networks to a model directory: weights at 8 bits, quantization steps for each rate level, integer
 * tables fitted to the training images' symbols, and what to expect of it, measured on the validation images.
 * Everything is measured through the codec itself: the planned executor, the 8-bit weights, the integer tables.
 */
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type * as tf from '@tensorflow/tfjs'
import { compressBatch, decode, encode, type Model } from '../shared/codec.ts'
import { EntropyModel, LevelTables } from '../shared/entropy.ts'
import { unsupportedOps } from '../shared/executor.ts'
import {
  type ImageShape,
  type LayersFile,
  type Level,
  type Manifest,
  MODEL_PATHS,
  type ModelFiles,
  modelId,
  sampleCount,
} from '../shared/manifest.ts'
import { mse, psnrDb } from '../shared/metrics.ts'
import { dequantize, quantize } from '../shared/quantizer.ts'
import { fitTables } from './entropy-fit.ts'
import { runInNode } from './load-model.ts'
import { deriveLevels, distortionOfSteps, type LevelPlan, round, withLevelsBetween } from './rate-levels.ts'
import { saveLayers } from './save-layers.ts'

export interface ExportRequest {
  name: string
  outDir: string
  encoder: tf.LayersModel
  decoder: tf.LayersModel
  shape: ImageShape
  latent: number
  /** Steps [level][latent] of a network trained for rates, coarsest first; derived from the latents otherwise. */
  levelSteps?: number[][]
  /** The lambdas those were trained for: loss = bits / samples + lambda * MSE. */
  levelLambdas?: number[]
  defaultLevel?: number
  /** The default level's steps are scaled until its mean code on validation images takes this, everything included. */
  targetBytes?: number
  /** Table sets of the mixture prior over the whole code. */
  components?: number
  /** 8-bit samples [n, h, w, c]. */
  trainImages: Uint8Array
  validationImages: Uint8Array
  record: Record<string, unknown>
  log?: (line: string) => void
}

const BATCH = 256
const COMPONENTS = 16
/** Rounds of quantizing by the tables' costs and fitting the tables to the outcome. */
const FIT_ROUNDS = 2
const TUNING_ROUNDS = 3

interface LevelFit {
  level: Level
  tables: Uint8Array
}

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
  const training = splitImages(request.trainImages, request.shape)
  const validation = splitImages(request.validationImages, request.shape)
  const latents = encodeAll(draft, training)
  const plans = request.levelSteps
    ? withLevelsBetween(trainedLevels(request))
    : deriveLevels(draft.decoder, latents, networkMse(draft, training))
  const defaultLevel = chooseDefault(request, plans)
  const fit = (plan: LevelPlan) => fitLevel(draft, plan, latents, training, request.components ?? COMPONENTS)
  const measure = ({ level, tables }: LevelFit) => measureLevel(draft, level, tables, validation)
  const fits: LevelFit[] = []
  for (const [i, plan] of plans.entries()) {
    let fitted = fit(plan)
    let measured = measure(fitted)
    for (let round = 0; round < TUNING_ROUNDS && i === defaultLevel && request.targetBytes; round++) {
      fitted = fit(scaleSteps(fitted.level, stepFactor(measured.meanBytes, request)))
      measured = measure(fitted)
    }
    fits.push({ ...fitted, level: { ...fitted.level, ...measured } })
    const { meanBytes, psnrDb } = measured
    log(
      `rate level ${i} of ${plans.length}: ${meanBytes.toFixed(1)} bytes, ${psnrDb.toFixed(2)} dB on validation images`,
    )
  }
  const tables = joinTables(fits.map((each) => each.tables))
  const manifest = { ...draft.manifest, levels: fits.map((each) => each.level), defaultLevel }
  return { manifest: { ...manifest, id: modelId({ tables, decoder }, manifest) }, tables }
}

async function draftModel(request: ExportRequest, encoder: LayersFile, decoder: LayersFile): Promise<Model> {
  const unsupported = [...new Set([encoder, decoder].flatMap((file) => unsupportedOps(file.topology)))]
  const manifest: Manifest = {
    format: 1,
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

/** As trained; where levels were derived, the one whose quantization adds about a third to the network's error. */
function chooseDefault({ defaultLevel }: ExportRequest, plans: LevelPlan[]): number {
  return defaultLevel === undefined ? Math.floor((plans.length * 2) / 3) : 2 * defaultLevel
}

function trainedLevels({ levelSteps, levelLambdas, shape }: ExportRequest): LevelPlan[] {
  return levelSteps!.map((steps, level) => ({
    steps: steps.map(round),
    lambdaBits: levelLambdas![level]! * sampleCount(shape),
  }))
}

function fitLevel(
  model: Model,
  plan: LevelPlan,
  latents: Float32Array,
  images: Uint8Array[],
  components: number,
) {
  const dimensions = model.manifest.latent
  const { steps, lambdaBits } = plan
  let symbols = Int32Array.from(latents, (value, i) => Math.round(value / steps[i % dimensions]!))
  const rounded = symbols.subarray(0, 4096 * dimensions)
  const reconstructed = Float32Array.from(rounded, (symbol, i) => symbol * steps[i % dimensions]!)
  const distortionBits = distortionOfSteps(model.decoder, reconstructed, steps).map((d) =>
    round(d * lambdaBits),
  )
  const level: Level = {
    steps,
    distortionBits,
    lambdaBits: round(lambdaBits),
    meanBytes: 0,
    psnrDb: 0,
    costPercentilesBits: new Array(101).fill(0),
  }
  let fit = fitTables(symbols, dimensions, new Int32Array([40]), components)
  for (let round = 0; round < FIT_ROUNDS; round++) {
    const quantized = quantizeAll(latents, level, new LevelTables(fit.bytes, dimensions))
    symbols = quantized.symbols
    fit = fitTables(symbols, dimensions, new Int32Array([40]), components, quantized.assignment)
  }
  const errors = errorsOf(model, symbols, level, images)
  return { level, tables: fitTables(symbols, dimensions, errors, components, fit.assignment).bytes }
}

function quantizeAll(latents: Float32Array, level: Level, tables: LevelTables) {
  const dimensions = level.steps.length
  const symbols = new Int32Array(latents.length)
  const assignment = new Uint8Array(latents.length / dimensions)
  for (let image = 0; image < assignment.length; image++) {
    const quantized = quantize(latents.subarray(image * dimensions, (image + 1) * dimensions), level, tables)
    symbols.set(quantized.symbols, image * dimensions)
    assignment[image] = quantized.component
  }
  return { symbols, assignment }
}

/** PSNR in half decibels, as codes carry it, of a sample of the training images. */
function errorsOf(model: Model, symbols: Int32Array, level: Level, images: Uint8Array[]): Int32Array {
  const dimensions = model.manifest.latent
  const indices = images.slice(0, 16 * BATCH).map((_, i) => i)
  const errors: number[] = []
  for (const batch of batches(indices)) {
    const latents = batch.map((image) => {
      const latent = new Float32Array(dimensions)
      dequantize(symbols.subarray(image * dimensions, (image + 1) * dimensions), level, latent)
      return latent
    })
    decode(model, latents).forEach((decoded, i) => {
      errors.push(Math.round(2 * psnrDb(mse(images[batch[i]!]!, decoded))))
    })
  }
  return Int32Array.from(errors)
}

/** A bit of every sent dimension is a halving of its step; in between, bytes go about with its logarithm. */
function stepFactor(meanBytes: number, { targetBytes, latent }: ExportRequest): number {
  const excessBits = 8 * (meanBytes - targetBytes!)
  return Math.min(1.2, Math.max(0.8, 2 ** (excessBits / (0.8 * latent))))
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

function measureLevel(draft: Model, level: Level, tables: Uint8Array, images: Uint8Array[]) {
  const manifest = { ...draft.manifest, levels: [level], defaultLevel: 0 }
  const model = {
    ...draft,
    manifest,
    entropyModel: new EntropyModel(joinTables([tables]), manifest.latent, 1),
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
  const percentile = (_: unknown, p: number) => round(costs[Math.round((p / 100) * (costs.length - 1))]!)
  return {
    meanBytes: round(bytes / images.length),
    psnrDb: round(psnrDb(error / images.length)),
    costPercentilesBits: Array.from({ length: 101 }, percentile),
  }
}

/** Each file is written beside its place and moved there, the manifest last: with it the model is whole. */
async function writeModel(outDir: string, files: ModelFiles, record: Record<string, unknown>): Promise<void> {
  const json = (value: unknown) => `${JSON.stringify(value)}\n`
  for (const part of ['encoder', 'decoder'] as const) {
    await mkdir(join(outDir, part), { recursive: true })
    await writeWhole(join(outDir, MODEL_PATHS[part].topology), json(files[part].topology))
    await writeWhole(join(outDir, MODEL_PATHS[part].weights), files[part].weights)
  }
  await writeWhole(join(outDir, MODEL_PATHS.tables), files.tables)
  await writeWhole(join(outDir, MODEL_PATHS.record), `${JSON.stringify(record, null, 2)}\n`)
  await writeWhole(join(outDir, MODEL_PATHS.manifest), json(files.manifest))
}

async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  await writeFile(`${path}.partial`, content)
  await rename(`${path}.partial`, path)
}
