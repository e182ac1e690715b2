/**
 * The path of the data, both ways, in order:
 *
 *     samples [h, w, c] -> encode -> latent [64] -> quantize -> symbols [64] -> pack -> payload -> code
 *     code -> payload -> unpack -> symbols [64] -> dequantize -> latent [64] -> decode -> samples [h, w, c]
 *
 * compress also decodes, and reports the error of what the receiver will see.
 */

import { mse, psnrDb } from '../images/metrics.ts'
import { split } from '../network/kernels/float-samples.ts'
import type { AlphaSymbols } from '../preview/alpha.ts'
import { PreviewQuantizer } from '../preview/encoder/quantizer.ts'
import { previewWithin } from '../preview/encoder/search.ts'
import { alphaBytes, packPreviewCode, unpackPreviewCode } from '../preview/model.ts'
import { HEADER_BYTES, PREVIEW_HEADER_BYTES, unpackContainer } from './container/container.ts'
import { packTableCode, unpackTableCode } from './container/payload.ts'
import { COST_UNITS_PER_BIT, type Symbols } from './entropy/symbols.ts'
import { forEachOf, UnknownModelError } from './errors.ts'
import type { Model, ModelRegistry } from './model.ts'
import { dequantize, type ImageQuantizer, quantize } from './quantize/quantizer.ts'
import { compressWithin, type RateBounds, type RateTrials, type Trial } from './quantize/rate-search.ts'
import { isBeyondReach, levelWithinReach } from './quantize/reach.ts'
import { decode, encode, runEncoder } from './transform.ts'

interface OriginalSize {
  /** The original image's size in pixels, kept in the code if it is not the model's. */
  width?: number
  height?: number
  /** Its transparency at the model's size, 8-bit [h, w], if it has any. Previews keep it, in at most 6 more bytes. */
  alpha?: Uint8Array
}

export interface CompressOptions extends OriginalSize, RateBounds {
  /**
   * Rate level. If neither it nor a bound is given, the model's default (of a preview, unless the image is beyond its
   * reach).
   */
  level?: number
}

export interface Compressed {
  code: Uint8Array
  level: number
  /** What the decoder gets, dequantized. [latent] */
  latent: Float32Array
  /** [latent] */
  symbols: Int32Array
  bytes: { total: number; header: number; payload: number }
  /** The reconstruction: what decompress returns, 8-bit samples [h, w, c]. */
  samples: Uint8Array
  mse: number
  psnrDb: number
  /** rateBits + lambda * mse: what this image costs the model, in bits. */
  costBits: number
  /** False if the cost is above that of 99 % of the validation images: the image is unlike those the model was trained on. */
  inDistribution: boolean
}

interface Decompressed {
  model: Model
  /** 8-bit samples [h, w, c] of the model's shape. */
  samples: Uint8Array
  latent: Float32Array
  level: number
  /** The original image's size in pixels. */
  width: number
  height: number
  /** The PSNR that compress measured, rounded to half a decibel, in a preview to 2 dB. */
  storedPsnrDb: number
  /** A preview's transparency, if it has any. */
  alpha?: AlphaSymbols
}

interface Unpacked extends Omit<Decompressed, 'samples'> {
  symbols: Symbols
}

/** samples: 8-bit [h, w, c], exactly the model's input. Throws UnreachableRateError if a bound can't be kept. */
export function compress(model: Model, samples: Uint8Array, options: CompressOptions = {}): Compressed {
  return compressBatch(model, [samples], options)[0]
}

/**
 * Like compress, for several images with the same options except the originals' sizes: the encoder and the decoder
 * run once for all.
 */
export function compressBatch(
  model: Model,
  images: Uint8Array[],
  options: CompressOptions = {},
  originals: OriginalSize[] = images.map(() => options),
): Compressed[] {
  if (options.maxBytes === undefined && options.targetPsnrDb === undefined)
    return compressAtLevel(model, images, options.level, originals)
  const latents = encode(model, images)
  return forEachOf(images, (image, i) => compressOne(model, image, latents[i], originals[i], options))
}

function compressOne(
  model: Model,
  image: Uint8Array,
  latent: Float32Array,
  original: OriginalSize,
  bounds: RateBounds,
): Compressed {
  if (!model.preview) {
    const quantize = (level: number, weight: number) => quantizeAt(model, latent, level, weight)
    return compressWithin(trialsOf(model, image, original, { aim: latent, quantize }), bounds)
  }
  const quantizer = new PreviewQuantizer(model, image, latent)
  const trials = trialsOf(model, image, original, quantizer)
  return bounds.maxBytes !== undefined && bounds.targetPsnrDb === undefined
    ? previewWithin(trials, quantizer, bounds.maxBytes)
    : compressWithin(trials, bounds)
}

function compressAtLevel(
  model: Model,
  images: Uint8Array[],
  asked: number | undefined,
  originals: OriginalSize[],
): Compressed[] {
  const latents = runEncoder(model, images)
  const symbols = split(new Int32Array(images.length * model.manifest.latent), images.length)
  const drafts = images.map((image, i) => {
    const level = asked ?? defaultLevelFor(model, latents[i])
    const { component } = quantizeAt(model, latents[i], level, 1, symbols[i])
    return { image, level, original: originals[i], component, symbols: symbols[i] }
  })
  return finish(model, drafts)
}

const defaultLevelFor = ({ manifest, entropyModel, preview }: Model, latent: Float32Array): number =>
  preview
    ? levelWithinReach(latent, manifest.defaultLevel, manifest.levels, (level) => entropyModel.level(level))
    : manifest.defaultLevel

interface Draft {
  image: Uint8Array
  original: OriginalSize
  level: number
  component: number
  symbols: Int32Array
}

const quantizeAt = (model: Model, latent: Float32Array, level: number, weight = 1, symbols?: Int32Array) =>
  quantize(latent, model.manifest.levels[level], model.entropyModel.level(level), weight, symbols)

/** Decodes the drafts as the receiver will, measures their errors, and packs them. */
function finish(model: Model, drafts: Draft[]): Compressed[] {
  const latents = split(new Float32Array(drafts.length * model.manifest.latent), drafts.length)
  for (const [i, { level, symbols }] of drafts.entries())
    dequantize(symbols, model.manifest.levels[level], latents[i])
  const reconstructions = decode(model, latents)
  return drafts.map((draft, i) => packDraft(model, draft, latents[i], reconstructions[i]))
}

function packDraft(
  model: Model,
  { image, original, level, component, symbols }: Draft,
  latent: Float32Array,
  samples: Uint8Array,
): Compressed {
  const distortion = mse(image, samples)
  const quality = psnrDb(distortion)
  const symbolsOfImage = { component, psnrHalfDb: Math.round(2 * quality), latent: symbols }
  const content = { level, original, symbols: symbolsOfImage }
  const { code, payloadBytes } = model.preview
    ? packPreviewCode(model, content)
    : packTableCode(model, content)
  const { lambdaBits, costLimitBits } = model.manifest.levels[level]
  const costBits = model.entropyModel.level(level).rateBits(symbolsOfImage) + lambdaBits * distortion
  return {
    code,
    level,
    latent,
    symbols,
    samples,
    bytes: { total: code.length, header: code.length - payloadBytes, payload: payloadBytes },
    mse: distortion,
    psnrDb: quality,
    costBits,
    inDistribution: costBits <= costLimitBits,
  }
}

/** What rate-search.ts tries: an image is quantized once for each trial, and decoded only on request. */
function trialsOf(
  model: Model,
  image: Uint8Array,
  original: OriginalSize,
  { aim, quantize }: ImageQuantizer,
): RateTrials<Compressed> {
  const drafts = new Map<string, Draft>()
  const draftOf = ({ level, distortionWeight }: Trial): Draft => {
    const key = `${level} ${distortionWeight}`
    const draft = drafts.get(key) ?? { image, level, original, ...quantize(level, distortionWeight) }
    drafts.set(key, draft)
    return draft
  }
  return {
    levels: model.manifest.levels.length,
    compressAt: (trials) => finish(model, trials.map(draftOf)),
    symbolsOf: (trial) => draftOf(trial).symbols,
    isBeyondReach: (level) =>
      isBeyondReach(aim, model.manifest.levels[level], model.entropyModel.level(level)),
    leastBytes(trial) {
      const { level, component, symbols } = draftOf(trial)
      const idealBits = model.entropyModel.level(level).latentCost(component, symbols) / COST_UNITS_PER_BIT
      const headerBytes = model.preview ? PREVIEW_HEADER_BYTES + alphaBytes(original) : HEADER_BYTES
      return headerBytes + idealBits / 8 - 1 // a range coder never beats its tables by a whole byte
    },
  }
}

/** Throws CodecError if the bytes are not a code, UnknownModelError if its model is not here. */
export function decompress(models: ModelRegistry, code: Uint8Array): Decompressed {
  return decompressBatch(models, [code])[0]
}

/** Like decompress, for several codes: each model's decoder runs once for all of its codes. */
export function decompressBatch(models: ModelRegistry, codes: Uint8Array[]): Decompressed[] {
  const unpacked = forEachOf(codes, (code) => unpackCode(models, code))
  const samples = new Array<Uint8Array>(codes.length)
  for (const model of new Set(unpacked.map((each) => each.model))) {
    const own = unpacked.flatMap((each, i) => (each.model === model ? [i] : []))
    decode(
      model,
      own.map((i) => unpacked[i].latent),
    ).forEach((image, at) => {
      samples[own[at]] = image
    })
  }
  return unpacked.map(({ symbols: _, ...each }, i) => ({ ...each, samples: samples[i] }))
}

/** What a code holds, before it is decoded. Throws as decompress() does. */
export function unpackCode(models: ModelRegistry, code: Uint8Array): Unpacked {
  const { modelId, payload } = unpackContainer(code)
  const model = models.byId(modelId)
  if (!model) throw new UnknownModelError(modelId)
  const { level, symbols, width, height, alpha } = model.preview
    ? unpackPreviewCode(model, payload)
    : unpackTableCode(model, payload)
  const latent = new Float32Array(model.manifest.latent)
  dequantize(symbols.latent, model.manifest.levels[level], latent)
  const kept = { width, height, ...(alpha && { alpha }) }
  return { model, latent, level, symbols, ...kept, storedPsnrDb: symbols.psnrHalfDb / 2 }
}
