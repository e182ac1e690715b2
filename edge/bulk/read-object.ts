/**
 * Reads an object's bytes, with the limits of a request's body. One GET is enough: its metadata has the size, its first
 * bytes the format and the dimensions, and only then is the rest read from the stream. Ranged reads would take one more
 * GET per image and save nothing: every decoder here needs the whole file, even JPEG's, to see that it is complete.
 */
import { readImageHeader } from '../../shared/images/decode-image.ts'
import { ImageError } from '../../shared/images/errors.ts'
import { IMAGE_TYPES, type ImageType, isImageType, typeBySignature } from '../../shared/images/image-type.ts'
import { mediaTypeOf, RAW_TYPE, unsupportedType } from '../http/media-type.ts'
import { Problem } from '../http/problem.ts'
import type { Settings } from '../settings.ts'

/** Enough for the header of nearly every image. Others, such as a JPEG with a large embedded preview, are read whole. */
const HEADER_BYTES = 32_768

export interface ObjectBytes {
  bytes: Uint8Array
  /** By the bytes, whatever the metadata says; undefined for raw samples. */
  type: ImageType | undefined
}

/**
 * Throws Problem and ImageError if the object itself is at fault, other errors if a retry may help.
 * `rawSizes`: bytes of the models' raw samples.
 */
export async function readObject(
  object: R2ObjectBody,
  rawSizes: ReadonlySet<number>,
  settings: Settings,
): Promise<ObjectBytes> {
  const reader = (object.body as ReadableStream<Uint8Array>).getReader()
  try {
    checkSize(object.size, settings)
    const bytes = new Uint8Array(object.size)
    let length = await fill(reader, bytes, 0, Math.min(HEADER_BYTES, bytes.length))
    const type = objectType(object, bytes.subarray(0, length), rawSizes)
    if (length < bytes.length) {
      checkHeader(bytes.subarray(0, length), type, settings)
      length = await fill(reader, bytes, length, bytes.length)
    }
    return { bytes, type }
  } finally {
    reader.cancel().catch(() => undefined) // it may have ended, or failed
  }
}

function checkSize(size: number, { maxBodyBytes }: Settings): void {
  if (size === 0) throw new Problem('malformed-image', 'the object is empty')
  if (size > maxBodyBytes) {
    const detail = `an object may have up to ${maxBodyBytes} bytes, this one has ${size}`
    throw new Problem('too-large', detail, { maxBytes: maxBodyBytes })
  }
}

/** Reads until at least `wanted` bytes are there. A stream that ends before the size R2 stated is a failed read. */
async function fill(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  bytes: Uint8Array,
  from: number,
  wanted: number,
): Promise<number> {
  let length = from
  while (length < wanted) {
    const { done, value } = await reader.read()
    if (done) throw new Error(`the object's stream ended after ${length} of ${bytes.length} bytes`)
    bytes.set(value, length)
    length += value.length
  }
  return length
}

/** By content, as in the CLI, because an object's Content-Type is often wrong. */
function objectType(
  object: R2Object,
  start: Uint8Array,
  rawSizes: ReadonlySet<number>,
): ImageType | undefined {
  const type = typeBySignature(start)
  if (isImageType(type)) return type
  if (type !== undefined)
    throw new Problem(
      'unsupported-type',
      `it looks like ${type}; the service reads ${IMAGE_TYPES.join(', ')}`,
    )
  const declared = mediaTypeOf(object.httpMetadata?.contentType ?? null)
  if (declared !== '' && declared !== RAW_TYPE) throw unsupportedType(declared, [...IMAGE_TYPES, RAW_TYPE])
  if (!rawSizes.has(object.size))
    throw new Problem(
      'unsupported-type',
      'it is neither an image of a format read here nor raw samples of a model',
    )
  return undefined
}

/** The beginning of a file can prove that it is too large or unsupported, but "truncated" means nothing yet. */
function checkHeader(start: Uint8Array, type: ImageType | undefined, { maxPixels }: Settings): void {
  if (type === undefined) return
  try {
    readImageHeader(start, type, { maxPixels })
  } catch (error) {
    if (!(error instanceof ImageError) || error.status !== 400) throw error
  }
}
