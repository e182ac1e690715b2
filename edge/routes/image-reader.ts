/** The images that a client sends -> samples of exactly a model's shape. */
import { chooseModel } from '../../shared/choose-model.ts'
import { codedSize, scaleFor } from '../../shared/grid/grid-code.ts'
import type { Picture as GridImage } from '../../shared/grid/pictures.ts'
import { decodeImage, type ImageHeader, readImageHeader } from '../../shared/images/decode-image.ts'
import { IMAGE_TYPES, type ImageType, isImageType, typeBySignature } from '../../shared/images/image-type.ts'
import { type ImageLimits, WorkBudget } from '../../shared/images/limits.ts'
import { areaAverage } from '../../shared/images/resize.ts'
import { type ImageShape, type Manifest, sampleCount } from '../../shared/manifest.ts'
import { previewInput } from '../../shared/preview/encoder/fill-transparent.ts'
import { inPart } from '../http/as-problem.ts'
import { RAW_TYPE, unsupportedType } from '../http/media-type.ts'
import type { PixelArray } from '../http/pixels.ts'
import { Problem } from '../http/problem.ts'
import type { Models } from '../models/models.ts'
import type { LongCodeBudget } from './long-code-budget.ts'

export interface ImageInput {
  manifest: Manifest
  /** [h, w, c] of the model. */
  samples: Uint8Array
  /** Transparency at that size, if the image has any and the model keeps it. [h, w] */
  alpha?: Uint8Array
  /** Size of the image as it was sent, in pixels. */
  width: number
  height: number
  /** The image at the size of a long code, if the request allows one. */
  coded?: { image: GridImage; scale: number }
}

/** An image file or raw samples: the whole body, or a part of a form. */
interface SentImage {
  bytes: Uint8Array
  /** The declared media type; '' if there is none. */
  type: string
  /** Name or id of the model to use; undefined: the one that fits. */
  model?: string
  /** The form's part that it came in, for messages. */
  label?: string
  /** Bring it to this shape, whatever a model takes. */
  shape?: ImageShape
}

interface OpenedImage extends SentImage {
  /** Absent for raw samples. */
  file?: { type: ImageType; header: ImageHeader }
}

export interface ImageReaderOptions {
  /** The limit for all images of the request together. */
  maxPixels: number
  /** What decoding all of them may cost, in the units of shared/images/limits.ts. */
  maxWork: number
  /** Called before any pixel is decoded; throws if the client may not use that many. */
  charge(pixels: number): void
  /** Which images to read for long codes as well: those for the default model, or all. */
  forGrid?: { images: 'default' | 'all'; budget: Pick<LongCodeBudget, 'spend'> }
}

/** One per request: its images share a budget. */
export class ImageReader {
  readonly #models: Models
  readonly #options: ImageReaderOptions
  readonly #limits: ImageLimits

  constructor(models: Models, options: ImageReaderOptions) {
    this.#models = models
    this.#options = options
    this.#limits = { maxPixels: options.maxPixels, work: new WorkBudget(options.maxWork) }
  }

  /** Reads all headers first, to refuse too many pixels at once, then decodes one image after another to save memory. */
  async read(sent: SentImage[]): Promise<ImageInput[]> {
    const opened = sent.map((image) => inPart(image.label, () => this.#open(image)))
    this.#options.charge(this.#totalPixels(opened))
    for (const image of opened) if (this.#isSurelyLong(image)) this.#spendLong(image.file!.header)
    const images: ImageInput[] = []
    for (const image of opened) images.push(await inPart(image.label, () => this.#decode(image)))
    return images
  }

  /** `pixels` of a JSON body. A nested array must have the model's shape, a flat one its number of samples. */
  readPixels({ samples, shape }: PixelArray, model: string | undefined): ImageInput {
    if (shape === undefined) return this.#readRaw(samples, model)
    const manifest = model === undefined ? this.#models.withShape(shape) : this.#models.named(model)
    const { height, width, channels } = shape
    const fits =
      manifest?.input.height === height &&
      manifest.input.width === width &&
      manifest.input.channels === channels
    if (manifest === undefined || !fits) {
      const detail = `pixels: got ${height} x ${width} x ${channels}, ${this.#expectedShapes(manifest)}`
      throw new Problem('wrong-shape', detail)
    }
    return { manifest, samples, width, height }
  }

  /** The signature decides, as a wrong Content-Type is common and raw samples that begin like a file are not. */
  #open(image: SentImage): OpenedImage {
    const { bytes, type } = image
    const isRaw = type === RAW_TYPE || type === ''
    if (!isRaw && !type.startsWith('image/')) throw unsupportedType(type, [...IMAGE_TYPES, RAW_TYPE])
    const signed = typeBySignature(bytes)
    const fileType = signed ?? (isRaw ? undefined : type)
    if (fileType === undefined) return image
    if (!isImageType(fileType))
      throw signed === undefined ? unsupportedType(type, IMAGE_TYPES) : unreadable(signed)
    const header = readImageHeader(bytes, fileType, this.#limits)
    return { ...image, file: { type: fileType, header } }
  }

  #totalPixels(images: OpenedImage[]): number {
    const { maxPixels } = this.#options
    const pixels = images.reduce(
      (sum, { file }) => sum + (file ? file.header.width * file.header.height : 0),
      0,
    )
    if (pixels <= maxPixels) return pixels
    const detail = `the images of a request may have ${maxPixels} pixels together, these have ${pixels}`
    throw new Problem('too-large', detail, { maxPixels })
  }

  async #decode({ bytes, file, model, shape }: OpenedImage): Promise<ImageInput> {
    if (file === undefined) return shape ? this.#readShape(bytes, shape) : this.#readRaw(bytes, model)
    const { type, header } = file
    const { width, height } = header
    const decode = (shape: ImageShape, keepsAlpha = false) =>
      decodeImage(bytes, type, shape, this.#limits, header, keepsAlpha)
    const samplesAs = async (shape: ImageShape) => (await decode(shape)).samples
    if (shape) return { manifest: this.#models.default, samples: await samplesAs(shape), width, height }
    const manifest =
      model === undefined ? await chooseModel(header, this.#models, samplesAs) : this.#models.named(model)
    const keepsAlpha = manifest.isPreview === true
    const { input } = manifest
    const scale = this.#isForGrid(manifest) ? scaleFor(header) : undefined
    if (scale === undefined) {
      const decoded = await decode(input, keepsAlpha)
      return { manifest, ...(keepsAlpha ? previewInput(decoded, input) : decoded), width, height }
    }
    if (!this.#isSurelyLong({ bytes, type, model, file })) this.#spendLong(header)
    const size = codedSize(header, scale)
    const { samples, alpha } = await decode({ ...size, channels: 3 }, keepsAlpha)
    const small = {
      samples: areaAverage(samples, { ...size, channels: 3 }, input),
      ...(alpha && { alpha: areaAverage(alpha, { ...size, channels: 1 }, { ...input, channels: 1 }) }),
    }
    return {
      manifest,
      ...previewInput(small, input),
      width,
      height,
      coded: { image: { ...size, samples }, scale },
    }
  }

  #isForGrid(manifest: Manifest): boolean {
    const images = this.#options.forGrid?.images
    return images === 'all' || (images === 'default' && manifest === this.#models.default)
  }

  /**
   * Whether the header alone decides for a long code. An image that may fit another model is decoded first, but it is
   * small.
   */
  #isSurelyLong({ file, model, shape }: OpenedImage): boolean {
    if (file === undefined || shape !== undefined || scaleFor(file.header) === undefined) return false
    if (model !== undefined) return this.#isForGrid(this.#models.named(model))
    const { header } = file
    const hasModel = [header, { ...header, channels: 1 as const }].some((of) => this.#models.withShape(of))
    return this.#options.forGrid?.images === 'all' || (!hasModel && this.#isForGrid(this.#models.default))
  }

  #spendLong(header: ImageHeader): void {
    this.#options.forGrid!.budget.spend(codedSize(header, scaleFor(header)!))
  }

  #readShape(samples: Uint8Array, shape: ImageShape): ImageInput {
    if (samples.length !== sampleCount(shape))
      throw new Problem('wrong-shape', `samples: got ${samples.length}, expected ${sampleCount(shape)}`)
    return { manifest: this.#models.default, samples, width: shape.width, height: shape.height }
  }

  /** 8-bit samples. If no model is named, it is the one whose input has exactly this many. */
  #readRaw(samples: Uint8Array, model: string | undefined): ImageInput {
    const manifest =
      model === undefined ? this.#models.withSampleCount(samples.length) : this.#models.named(model)
    if (manifest === undefined || sampleCount(manifest.input) !== samples.length)
      throw new Problem('wrong-shape', `samples: got ${samples.length}, ${this.#expectedShapes(manifest)}`)
    const { width, height } = manifest.input
    return { manifest, samples, width, height }
  }

  #expectedShapes(manifest: Manifest | undefined): string {
    const expected = manifest === undefined ? this.#models.manifests : [manifest]
    const shapes = expected.map(
      ({ name, input }) =>
        `${input.height} x ${input.width} x ${input.channels} = ${sampleCount(input)} (${name})`,
    )
    return `expected ${shapes.join(' or ')} [height x width x channels]`
  }
}

function unreadable(type: string): Problem {
  const detail = `this looks like ${type}; expected one of ${IMAGE_TYPES.join(', ')}`
  return new Problem(
    'unsupported-type',
    detail,
    { expected: IMAGE_TYPES },
    { accept: IMAGE_TYPES.join(', ') },
  )
}
