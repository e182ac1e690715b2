/** The body of POST /decompress, in any of its formats -> pictures. */

import { decompressBatch } from '../../../shared/codec/codec.ts'
import { fromBase64Url } from '../../../shared/codec/container/base64url.ts'
import { onWhite } from '../../../shared/codec/draw-at.ts'
import { decodeLatent } from '../../../shared/codec/transform.ts'
import { isGridCode } from '../../../shared/grid/grid-container.ts'
import { mse, psnrDb, ssim } from '../../../shared/images/metrics.ts'
import { inPart, inParts } from '../../http/as-problem.ts'
import type { Body } from '../../http/body.ts'
import { type FormPart, readForm } from '../../http/form.ts'
import {
  CODE_TYPE,
  DECOMPRESS_TYPES,
  FORM_TYPE,
  JSON_TYPE,
  RAW_TYPE,
  unsupportedType,
} from '../../http/media-type.ts'
import { check, parseJson } from '../../http/parse.ts'
import { Problem } from '../../http/problem.ts'
import type { Models } from '../../models/models.ts'
import { CodeBody, LatentBody } from '../../schemas.ts'
import { type ImageInput, ImageReader, type ImageReaderOptions } from '../image-reader.ts'
import type { LongCodeBudget } from '../long-code-budget.ts'
import { gridPicture, spendOn } from './grid-pictures.ts'
import type { Picture } from './picture.ts'

interface PicturesOptions extends ImageReaderOptions {
  maxBatch: number
  longCodes: LongCodeBudget
}

export async function readPictures(models: Models, body: Body, options: PicturesOptions): Promise<Picture[]> {
  if (body.type === CODE_TYPE || body.type === RAW_TYPE)
    return [await codePicture(models, body.bytes, options.longCodes)]
  if (body.type === JSON_TYPE) return [await jsonPicture(models, parseJson(body.bytes), options.longCodes)]
  if (body.type === FORM_TYPE) return formPictures(models, body, options)
  throw unsupportedType(body.type, DECOMPRESS_TYPES)
}

export async function codePicture(
  models: Models,
  code: Uint8Array,
  longCodes: LongCodeBudget,
): Promise<Picture> {
  if (isGridCode(code)) {
    spendOn(code, longCodes)
    return gridPicture(models, code)
  }
  await models.forCode(code)
  return decompressBatch(models, [code])[0]
}

async function jsonPicture(models: Models, json: unknown, longCodes: LongCodeBudget): Promise<Picture> {
  const hasCode = typeof json === 'object' && json !== null && 'code' in json
  if (hasCode) return codePicture(models, fromBase64Url(check(CodeBody, json, 'body').code), longCodes)
  const { latent, model: name } = check(LatentBody, json, 'body: expected {code} or {latent, model}')
  const manifest = models.named(name)
  if (latent.length !== manifest.latent)
    throw new Problem('wrong-shape', `latent: got ${latent.length} numbers, ${name} has ${manifest.latent}`)
  const model = await models.load(manifest)
  const { width, height } = manifest.input
  return { model, samples: decodeLatent(model, latent), latent: Float32Array.from(latent), width, height }
}

/** `code` parts, with as many `original` parts or without any. */
async function formPictures(models: Models, body: Body, options: PicturesOptions): Promise<Picture[]> {
  const parts = readForm(body.bytes, body.contentType!, ['code', 'original'], options.maxBatch)
  const codes = parts.filter(({ name }) => name === 'code')
  const originals = parts.filter(({ name }) => name === 'original')
  if (codes.length === 0) throw new Problem('malformed', 'multipart/form-data: there is no part named `code`')
  if (originals.length !== 0 && originals.length !== codes.length) {
    const detail = `there are ${codes.length} \`code\` parts and ${originals.length} \`original\` parts`
    throw new Problem('malformed', `multipart/form-data: ${detail}; send as many originals as codes, or none`)
  }
  const pictures = await decompressParts(models, codes, options.longCodes)
  return originals.length === 0 ? pictures : withErrors(models, pictures, originals, options)
}

async function decompressParts(
  models: Models,
  parts: FormPart[],
  longCodes: LongCodeBudget,
): Promise<Picture[]> {
  const codes = parts.map((part) => inPart(part.label, () => codeOf(part)))
  for (const [i, code] of codes.entries())
    if (isGridCode(code)) inPart(parts[i].label, () => spendOn(code, longCodes))
  const pictures: Picture[] = []
  const batch: number[] = []
  for (const [i, code] of codes.entries())
    await inPart(parts[i].label, async () => {
      if (isGridCode(code)) pictures[i] = await gridPicture(models, code)
      else {
        await models.forCode(code)
        batch.push(i)
      }
    })
  const labels = batch.map((i) => parts[i].label)
  const short = inParts(labels, () =>
    decompressBatch(
      models,
      batch.map((i) => codes[i]),
    ),
  )
  for (const [at, i] of batch.entries()) pictures[i] = short[at]
  return pictures
}

const codeOf = ({ isText, bytes }: FormPart) => (isText ? fromBase64Url(utf8.decode(bytes).trim()) : bytes)

const utf8 = new TextDecoder()

/** Each original is brought to the shape of its picture's model; together they share the request's budget. */
async function withErrors(
  models: Models,
  pictures: Picture[],
  parts: FormPart[],
  options: PicturesOptions,
): Promise<Picture[]> {
  const sent = parts.map((part, i) => ({ ...part, shape: pictures[i].model.manifest.input }))
  const originals = await new ImageReader(models, options).read(sent)
  return pictures.map((picture, i) => ({ ...picture, error: errorBetween(originals[i], picture) }))
}

/** Measured on the picture put on white. */
function errorBetween(original: ImageInput, picture: Picture): NonNullable<Picture['error']> {
  const { model } = picture
  const samples = onWhite(picture)
  const distortion = mse(original.samples, samples)
  const similarity = ssim(original.samples, samples, model.manifest.input)
  return { mse: distortion, psnrDb: psnrDb(distortion), ssim: similarity }
}
