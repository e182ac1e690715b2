/**
 * From two trained networks to a model directory: 16-bit weights, quantization steps for each rate level, integer
 * tables fitted to the training images' symbols, and the rates and distortions to expect, measured on the validation
 * images. All measurements go through the codec itself: the planned executor, the 16-bit weights, the integer tables.
 */
import { join } from 'node:path'
import type * as tf from '@tensorflow/tfjs'
import { writeJson, writeWhole } from '../../node/atomic-write.ts'
import { runInNode } from '../../node/load-model.ts'
import type { Model } from '../../shared/codec/model.ts'
import { decode, encode } from '../../shared/codec/transform.ts'
import { mse } from '../../shared/images/metrics.ts'
import {
  FORMAT,
  type ImageShape,
  type Manifest,
  MODEL_PATHS,
  type ModelFiles,
  modelId,
  sampleCount,
} from '../../shared/manifest.ts'
import type { LayersFile } from '../../shared/network/layers/layers-file.ts'
import { unsupportedOps } from '../../shared/network/network-plan.ts'
import { chooseDefault, fitDefault } from './default-level.ts'
import { effortFor } from './effort.ts'
import type { LevelFit } from './fit-level.ts'
import { fitLevels } from './fit-levels.ts'
import { batchesOf, levelFitter } from './level-fitter.ts'
import { deriveLevels, type TrainedRates, trainedLevels, withLevelsBetween } from './rate-levels.ts'
import { saveLayers } from './save-layers.ts'

export interface ExportRequest {
  name: string
  outDir: string
  encoder: tf.LayersModel
  decoder: tf.LayersModel
  shape: ImageShape
  latent: number
  /** Only for networks trained for rates; for others, levels are derived from the latents. */
  rates?: TrainedRates
  /** How many images training saw, counting repeats: after a short training, export is short too. */
  imagesSeen: number
  /** Components of the mixture prior: for the default level, and for the others. */
  components?: { default: number; others: number }
  /** 8-bit samples [n, h, w, c]. */
  trainImages: Uint8Array
  validationImages: Uint8Array
  /** The model that training started from. */
  from?: string
  record: object
}

/** 16 components save 2 to 3 % of the payload; 64 save 5 % on digits and no more on photographs. Tables grow with them. */
const COMPONENTS = { default: 64, others: 16 }

export async function exportModel(request: ExportRequest): Promise<Manifest> {
  const encoder = await saveLayers(request.encoder)
  const decoder = await saveLayers(request.decoder)
  const draft = draftFiles(request, encoder, decoder)
  const { levels, defaultLevel } = await fitCodec(request, draft)
  const tables = joinTables(levels.map((each) => each.tables))
  const unnamed = { ...draft.manifest, levels: levels.map((each) => each.level), defaultLevel }
  const manifest = { ...unnamed, id: modelId({ tables, decoder }, unnamed) }
  await writeModel(
    request.outDir,
    { ...draft, manifest, tables },
    { ...request.record, modelId: manifest.id },
  )
  return manifest
}

/** A model without levels: enough to encode and decode. */
function draftFiles(request: ExportRequest, encoder: LayersFile, decoder: LayersFile): ModelFiles {
  const manifest: Manifest = {
    format: FORMAT,
    name: request.name,
    id: '0000',
    created: new Date().toISOString(),
    input: request.shape,
    latent: request.latent,
    defaultLevel: 0,
    levels: [],
    unsupportedOps: [...new Set([encoder, decoder].flatMap((file) => unsupportedOps(file.topology)))],
  }
  return { manifest, tables: new Uint8Array(), encoder, decoder }
}

async function fitCodec(
  request: ExportRequest,
  files: ModelFiles,
): Promise<{ levels: LevelFit[]; defaultLevel: number }> {
  const { rates, shape } = request
  const draft = await runInNode(files)
  const effort = effortFor(request.imagesSeen, rates !== undefined, draft.decoder)
  const images = {
    shape,
    training: shared(request.trainImages, effort.tableImages * sampleCount(shape)),
    validation: shared(request.validationImages, effort.validationImages * sampleCount(shape)),
  }
  const latents = encodeAll(draft, images.training)
  const plans = rates
    ? withLevelsBetween(trainedLevels(rates, shape))
    : deriveLevels(draft.decoder, latents, networkMse(draft, images.training), effort.sensitivityLatents)
  const components = request.components ?? COMPONENTS
  const work = { files, images: { ...images, latents }, effort }
  const levels = await fitLevels(work, draft, plans, components.others)
  const defaultLevel = chooseDefault(rates, levels)
  if (rates)
    levels[defaultLevel] = fitDefault(
      levels[defaultLevel],
      components,
      rates.targetBytes,
      levelFitter(draft, work.images, effort),
    )
  return { levels, defaultLevel }
}

/** A copy of the first bytes in memory that worker threads share. */
function shared(bytes: Uint8Array, most: number): Uint8Array {
  const length = Math.min(bytes.length, most)
  const copy = new Uint8Array(new SharedArrayBuffer(length))
  copy.set(bytes.subarray(0, length))
  return copy
}

/** [images, latent] */
function encodeAll(model: Model, samples: Uint8Array): Float32Array {
  const { input, latent } = model.manifest
  const count = samples.length / sampleCount(input)
  const latents = new Float32Array(new SharedArrayBuffer(4 * count * latent))
  let at = 0
  for (const batch of batchesOf(samples, input))
    for (const each of encode(model, batch)) {
      latents.set(each, at)
      at += each.length
    }
  return latents
}

/** Enough images for the networks' own error. */
const ERROR_IMAGES = 2048

/** The networks' own error on some training images, without quantization. */
function networkMse(model: Model, samples: Uint8Array): number {
  const { input } = model.manifest
  const some = samples.subarray(0, ERROR_IMAGES * sampleCount(input))
  let sum = 0
  for (const batch of batchesOf(some, input)) {
    const decoded = decode(model, encode(model, batch))
    for (const [i, image] of batch.entries()) sum += mse(image, decoded[i])
  }
  return (sum * sampleCount(input)) / some.length
}

function joinTables(levels: Uint8Array[]): Uint8Array {
  const lengths = new DataView(new ArrayBuffer(4 * levels.length))
  levels.forEach((tables, level) => {
    lengths.setUint32(4 * level, tables.length, true)
  })
  return Buffer.concat([new Uint8Array(lengths.buffer), ...levels])
}

/** Each file is written under a temporary name and renamed, the manifest last: a model with a manifest is complete. */
async function writeModel(outDir: string, files: ModelFiles, record: object): Promise<void> {
  const json = (value: unknown) => `${JSON.stringify(value)}\n`
  for (const part of ['encoder', 'decoder'] as const) {
    await writeWhole(join(outDir, MODEL_PATHS[part].topology), json(files[part].topology))
    await writeWhole(join(outDir, MODEL_PATHS[part].weights), files[part].weights)
  }
  await writeWhole(join(outDir, MODEL_PATHS.tables), files.tables)
  await writeJson(join(outDir, MODEL_PATHS.record), record)
  await writeWhole(join(outDir, MODEL_PATHS.manifest), json(files.manifest))
}
