/**
 * From networks trained with a dct decoder to a preview model: decoder.bin with the weights as bytes and the few numbers that
 * describe its symbols' distributions, and the encoder that suits these bytes, with a latent in the coarsest level's steps.
 */
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs'
import { writeJson, writeWhole } from '../../../node/atomic-write.ts'
import { encode } from '../../../shared/codec/transform.ts'
import {
  FORMAT,
  type ImageShape,
  type Level,
  type Manifest,
  MODEL_PATHS,
  type PreviewFiles,
  sampleCount,
} from '../../../shared/manifest.ts'
import type { LayersFile } from '../../../shared/network/layers/layers-file.ts'
import { ERRORS, type PreviewParameters, TEMPLATE_ENTRIES } from '../../../shared/preview/parameters.ts'
import { power } from '../../../shared/preview/symbols.ts'
import { toUnit } from '../../batches.ts'
import { BANDS, coefficientsOf } from '../../networks/dct.ts'
import { gridOf } from '../../networks/mlp.ts'
import { previewParameters } from '../../networks/model-start.ts'
import { BIAS_UNIT, WEIGHT_UNIT, weightByte } from '../../networks/weight-grid.ts'
import { distortionOf } from '../../objectives/distortion.ts'
import { balancedStep } from '../../objectives/rate-distortion.ts'
import type { ExportRequest } from '../export.ts'
import { DEPENDENT_STEP, round } from '../rate-levels.ts'
import { drawings } from './drawings.ts'
import { leastSquaresEncoder } from './least-squares-encoder.ts'
import { writeParameters } from './preview-bytes.ts'
import { type FitImages, fitDistributions, TAILS, templateOf } from './preview-fit.ts'
import { measureLevels, modelOf } from './preview-levels.ts'
import { sharesOf } from './shares.ts'

const LEVELS = 20
/** 16 gain nothing: each is then fitted to half as many images. */
const COMPONENTS = 8
const FIT_IMAGES = 15_000
const TAIL_IMAGES = 1500
/** With as many drawings as this, flat colours gain 10 dB and photographs lose nothing. */
const DRAWINGS_SHARE = 0.03
const BATCH = 256
/**
 * What a unit of distortion is worth to the search for symbols, by what the steps were chosen for: with more, fewer symbols
 * become zero, and a coarser level takes as many bytes. 0.05 dB better at equal bytes; flat from 1.5 to 3.
 */
const DISTORTION_WORTH = 2

export async function exportPreview(request: ExportRequest): Promise<Manifest> {
  const { rates, shape, latent } = request
  const log = (line: string) => console.error(line)
  if (!rates) throw new Error('a preview is trained for rate and distortion')
  const coarsest = balancedStep(rates.lambdas[0])
  const base = request.from ? previewParameters(request.from) : undefined
  const parameters = await startParameters(request.decoder, latent, coarsest)
  const encoder = await leastSquaresEncoder(parameters, shape)
  const weights = await stepDistortions(request, coarsest)
  const levels = Array.from({ length: LEVELS }, (_, level) =>
    levelOf(level, weights, rates.lambdas[0] * sampleCount(shape)),
  )
  const draft: Manifest = {
    ...{ format: FORMAT, name: request.name, id: '0000', created: new Date().toISOString() },
    ...{ input: shape, latent, defaultLevel: 0, levels, unsupportedOps: [], isPreview: true },
  }
  const photographs = splitImages(request.trainImages, shape).slice(0, FIT_IMAGES)
  const images = [...photographs, ...drawings(photographs.length * DRAWINGS_SHARE, shape)]
  const latents = await latentsOf(draft, encoder, parameters, images)
  fitAll(parameters, { latents, levels }, base ? [base.template] : TAILS.map(templateOf), log)
  const manifest = await measureLevels(
    draft,
    encoder,
    parameters,
    splitImages(request.validationImages, shape),
    log,
  )
  const files = { manifest, encoder, preview: writeParameters(parameters) }
  await writePreview(request.outDir, files, { ...request.record, modelId: manifest.id })
  return manifest
}

async function startParameters(
  decoder: tf.LayersModel,
  latents: number,
  coarsest: number,
): Promise<PreviewParameters> {
  const [kernel, offsets] = decoder.getLayer('linear').getWeights()
  const variable = decoder.getLayer('linear').weights[0].read() as tf.Variable
  const grid = gridOf(variable)
  const coefficients = coefficientsOf(BANDS).length
  const steps = await grid.data()
  const values = await kernel!.data()
  const shifts = Uint8Array.from(steps, (step) => Math.round(Math.log2((step * coarsest) / WEIGHT_UNIT)))
  const weights = Int8Array.from({ length: values.length }, (_, i) => {
    const weight = weightByte(values[i] / steps[Math.floor(i / coefficients)])
    if (Math.abs(weight) > 127)
      throw new RangeError(`a weight of ${weight} does not fit in a byte: a coarser --lambda is needed`)
    return weight
  })
  const bias = Int16Array.from(await offsets!.data(), (value) => Math.round(value / BIAS_UNIT))
  return {
    ...{ latents, components: COMPONENTS, lumaBand: BANDS.luma, chromaBand: BANDS.chroma },
    ...{ levels: LEVELS, coefficients, weights, shifts, bias },
    componentShares: sharesOf(new Array(COMPONENTS).fill(1)),
    levelShares: sharesOf(new Array(LEVELS).fill(1)),
    errorShares: sharesOf(new Array(ERRORS).fill(1)),
    locations: new Int8Array(COMPONENTS * latents),
    scales: new Uint8Array(COMPONENTS * latents),
    template: new Uint16Array(TEMPLATE_ENTRIES),
  }
}

const PROBED_IMAGES = 64
/** In coarsest quantization steps. */
const PROBE = 0.25

/** The distortion of one coarsest step in each dimension. [latent] */
async function stepDistortions(request: ExportRequest, coarsest: number): Promise<number[]> {
  const { encoder, decoder, shape, latent, validationImages, rates } = request
  const distortion = distortionOf(rates!)
  const pixels = sampleCount(shape)
  const n = Math.min(PROBED_IMAGES, validationImages.length / pixels)
  const by = PROBE * coarsest * DEPENDENT_STEP
  const means: number[] = []
  for (let d = 0; d < latent; d++) {
    const mean = tf.tidy(() => {
      const x = tf.tensor2d(toUnit(validationImages.subarray(0, n * pixels)), [n, pixels])
      const y = encoder.predict(x) as tf.Tensor2D
      const moved = tf.add(y, tf.mul(by, tf.oneHot([d], latent)))
      const errors = distortion(decoder.predict(moved) as tf.Tensor2D, decoder.predict(y) as tf.Tensor2D)
      return tf.mean(errors)
    })
    means.push((await mean.data())[0] / PROBE ** 2)
    mean.dispose()
  }
  return means
}

/** From level to level steps shrink by a quarter of an octave, and lambda, which goes with 1 / step^2, grows by half of one. */
function levelOf(level: number, distortions: number[], coarsestLambda: number): Level {
  const step = power(level) / power(0)
  return {
    steps: distortions.map(() => step),
    distortionBits: distortions.map((distortion) => round(DISTORTION_WORTH * distortion * coarsestLambda)),
    lambdaBits: round(coarsestLambda / step ** 2),
    ...{ meanBytes: 0, psnrDb: 0, costLimitBits: 0 },
  }
}

const splitImages = (images: Uint8Array, shape: ImageShape): Uint8Array[] =>
  Array.from({ length: images.length / sampleCount(shape) }, (_, i) =>
    images.subarray(i * sampleCount(shape), (i + 1) * sampleCount(shape)),
  )

async function latentsOf(
  manifest: Manifest,
  encoder: LayersFile,
  parameters: PreviewParameters,
  images: Uint8Array[],
) {
  const model = await modelOf(manifest, encoder, { ...parameters, template: templateOf(0) })
  const latents = new Float32Array(images.length * manifest.latent)
  for (let first = 0; first < images.length; first += BATCH)
    encode(model, images.slice(first, first + BATCH)).forEach((latent, i) => {
      latents.set(latent, (first + i) * manifest.latent)
    })
  return latents
}

/** templates: the best of them is taken. */
function fitAll(
  parameters: PreviewParameters,
  { latents, levels }: FitImages,
  templates: Uint16Array[],
  log: (line: string) => void,
) {
  const few = latents.subarray(0, TAIL_IMAGES * parameters.latents)
  const bits = templates.map((template) => {
    parameters.template.set(template)
    return fitDistributions(parameters, { latents: few, levels })
  })
  const best = bits.indexOf(Math.min(...bits))
  parameters.template.set(templates[best])
  const fitted = fitDistributions(parameters, { latents, levels })
  log(`symbols: ${fitted.toFixed(2)} bits per image, by template ${best + 1} of ${templates.length}`)
}

async function writePreview(
  outDir: string,
  files: PreviewFiles,
  record: Record<string, unknown>,
): Promise<void> {
  const json = (value: unknown) => `${JSON.stringify(value)}\n`
  await writeWhole(join(outDir, MODEL_PATHS.encoder.topology), json(files.encoder.topology))
  await writeWhole(join(outDir, MODEL_PATHS.encoder.weights), files.encoder.weights)
  await writeWhole(join(outDir, MODEL_PATHS.preview), files.preview)
  await writeJson(join(outDir, MODEL_PATHS.record), record)
  await writeWhole(join(outDir, MODEL_PATHS.manifest), json(files.manifest))
}
