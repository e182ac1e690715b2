/** What a client sends as an image -> samples of exactly a model's shape. */

import { decodeImage, readImageHeader } from '../../shared/images/decode-image.ts'
import { IMAGE_TYPES, type ImageType, isImageType, typeBySignature } from '../../shared/images/image-type.ts'
import { type Manifest, sampleCount } from '../../shared/manifest.ts'
import { flattenPixels } from '../http/pixels.ts'
import { Problem } from '../http/problem.ts'
import type { Models } from '../models/models.ts'
import type { Settings } from '../settings.ts'

export interface ImageInput {
  manifest: Manifest
  /** [h, w, c] of the model. */
  samples: Uint8Array
  /** Of the image as it was sent, in pixels. */
  width: number
  height: number
}

/** Raw 8-bit samples: without a name, the model whose input has exactly so many. */
export function rawInput(models: Models, bytes: Uint8Array, modelName: string | undefined): ImageInput {
  const manifest = modelName === undefined ? models.withSampleCount(bytes.length) : models.named(modelName)
  if (manifest === undefined || sampleCount(manifest.input) !== bytes.length) {
    const type = typeBySignature(bytes)
    if (type !== undefined) throw notRaw(type)
    throw new Problem('wrong-shape', `samples: got ${bytes.length}, ${expectedShapes(models, manifest)}`)
  }
  const { width, height } = manifest.input
  return { manifest, samples: bytes, width, height }
}

function notRaw(type: string): Problem {
  const advice = isImageType(type) ? 'send it with this Content-Type' : `read are ${IMAGE_TYPES.join(', ')}`
  return new Problem('unsupported-type', `expected raw samples, this looks like ${type}: ${advice}`)
}

/** `pixels` of a JSON body. A nested array must have the model's shape, a flat one its number of samples. */
export function pixelsInput(models: Models, pixels: unknown[], modelName: string | undefined): ImageInput {
  const { samples, shape } = flattenPixels(pixels)
  if (shape === undefined) return rawInput(models, samples, modelName)
  const manifest = modelName === undefined ? models.withShape(shape) : models.named(modelName)
  const { height, width, channels } = shape
  const fits =
    manifest?.input.height === height &&
    manifest.input.width === width &&
    manifest.input.channels === channels
  if (manifest === undefined || !fits) {
    const detail = `pixels: got ${height} x ${width} x ${channels}, ${expectedShapes(models, manifest)}`
    throw new Problem('wrong-shape', detail)
  }
  return { manifest, samples, width, height }
}

function expectedShapes(models: Models, manifest: Manifest | undefined): string {
  const expected = manifest === undefined ? models.manifests : [manifest]
  const shapes = expected.map(
    ({ name, input }) =>
      `${input.height} x ${input.width} x ${input.channels} = ${sampleCount(input)} (${name})`,
  )
  return `expected ${shapes.join(' or ')} [height x width x channels]`
}

/** An image file of any size. Without a name: the model of its exact shape, else the default model. */
export async function fileInput(
  models: Models,
  bytes: Uint8Array,
  type: ImageType,
  modelName: string | undefined,
  { maxPixels }: Settings,
): Promise<ImageInput> {
  const limits = { maxPixels }
  const header = readImageHeader(bytes, type, limits)
  if (modelName === undefined && models.withShape(header) === undefined && header.channels === 3) {
    const grey = await greyInput(models, bytes, type, header, limits)
    if (grey !== undefined) return grey
  }
  const manifest =
    modelName === undefined ? (models.withShape(header) ?? models.default) : models.named(modelName)
  const { samples, width, height } = await decodeImage(bytes, type, manifest.input, limits, header)
  return { manifest, samples, width, height }
}

/**
 * Many programs store a grey picture as RGB, RGBA or with a palette. One without any colour has the shape of a grey
 * model if its sides fit: a digit goes to the digits' model in whatever kind of PNG it comes.
 */
async function greyInput(
  models: Models,
  bytes: Uint8Array,
  type: ImageType,
  { width, height }: { width: number; height: number },
  limits: { maxPixels: number },
): Promise<ImageInput | undefined> {
  const manifest = models.withShape({ height, width, channels: 1 })
  if (manifest === undefined) return undefined
  const { samples } = await decodeImage(bytes, type, { height, width, channels: 3 }, limits)
  const grey = new Uint8Array(height * width)
  for (let i = 0; i < grey.length; i++) {
    const red = samples[3 * i]!
    if (red !== samples[3 * i + 1] || red !== samples[3 * i + 2]) return undefined
    grey[i] = red
  }
  return { manifest, samples: grey, width, height }
}
