/** The body of POST /compress, in each of its formats. */

import { IMAGE_TYPES, isImageType, typeBySignature } from '../../shared/images/image-type.ts'
import { inPart } from '../http/as-problem.ts'
import type { Body } from '../http/body.ts'
import { type FormPart, readForm } from '../http/form.ts'
import {
  COMPRESS_TYPES,
  FORM_TYPE,
  JSON_TYPE,
  mediaTypeOf,
  RAW_TYPE,
  unsupportedType,
} from '../http/media-type.ts'
import { check, parseJson } from '../http/parse.ts'
import { Problem } from '../http/problem.ts'
import type { Models } from '../models/models.ts'
import { PixelsBody } from '../schemas.ts'
import type { Settings } from '../settings.ts'
import { fileInput, type ImageInput, pixelsInput, rawInput } from './image-input.ts'

export async function readCompressInput(
  models: Models,
  body: Body,
  model: string | undefined,
  settings: Settings,
): Promise<ImageInput[]> {
  const { bytes, type } = body
  if (type === RAW_TYPE) return [rawInput(models, bytes, model)]
  if (isImageType(type)) return [await fileInput(models, bytes, type, model, settings)]
  if (type === JSON_TYPE)
    return [pixelsInput(models, check(PixelsBody, parseJson(bytes), 'body').pixels, model)]
  if (type === FORM_TYPE) return formInput(models, body, model, settings)
  throw unsupportedType(type, COMPRESS_TYPES)
}

async function formInput(
  models: Models,
  { bytes, contentType }: Body,
  model: string | undefined,
  settings: Settings,
): Promise<ImageInput[]> {
  const parts = readForm(bytes, contentType!, ['image'], settings.maxBatch)
  if (parts.length === 0)
    throw new Problem('malformed', 'multipart/form-data: there is no part named `image`')
  const images: ImageInput[] = []
  for (const part of parts) images.push(await partInput(models, part, model, settings)) // in turn, for memory
  return images
}

/** One file of a form. Whatever is wrong with it is told with the part's place in the form. */
export async function partInput(
  models: Models,
  part: FormPart,
  model: string | undefined,
  settings: Settings,
): Promise<ImageInput> {
  const { content, label } = part
  if (typeof content === 'string')
    throw new Problem('malformed', `${label}: expected a file, got a text (a part without a file name)`, {
      part: label,
    })
  const declared = mediaTypeOf(part.type)
  const sniffed = declared === '' || declared === RAW_TYPE ? typeBySignature(content) : undefined
  const type = isImageType(sniffed) ? sniffed : declared
  try {
    if (type === RAW_TYPE || type === '') return rawInput(models, content, model)
    if (isImageType(type)) return await fileInput(models, content, type, model, settings)
    throw unsupportedType(type, [...IMAGE_TYPES, RAW_TYPE])
  } catch (error) {
    throw inPart(label, error)
  }
}
