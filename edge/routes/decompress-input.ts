/** The body of POST /decompress, in each of its formats, to the pictures it stands for. */
import { fromBase64Url } from '../../shared/codec/base64url.ts'
import { decodeLatent, decompressBatch, type Model } from '../../shared/codec/codec.ts'
import { mse, psnrDb, ssim } from '../../shared/images/metrics.ts'
import { inPart } from '../http/as-problem.ts'
import type { Body } from '../http/body.ts'
import { type FormPart, readForm } from '../http/form.ts'
import {
  CODE_TYPE,
  DECOMPRESS_TYPES,
  FORM_TYPE,
  JSON_TYPE,
  RAW_TYPE,
  unsupportedType,
} from '../http/media-type.ts'
import { check, parseJson } from '../http/parse.ts'
import { Problem } from '../http/problem.ts'
import type { Models } from '../models/models.ts'
import { CodeBody, LatentBody } from '../schemas.ts'
import type { Settings } from '../settings.ts'
import { partInput } from './compress-input.ts'

export interface Picture {
  model: Model
  /** [h, w, c] of the model. */
  samples: Uint8Array
  /** The original image's size in pixels. */
  width: number
  height: number
  /** What compress measured, where a code was sent. */
  storedPsnrDb?: number
  /** Against the original, where one was sent. */
  error?: { mse: number; psnrDb: number; ssim: number }
}

export async function readDecompressInput(
  models: Models,
  body: Body,
  settings: Settings,
): Promise<Picture[]> {
  if (body.type === CODE_TYPE || body.type === RAW_TYPE) return [await codePicture(models, body.bytes)]
  if (body.type === JSON_TYPE) return [await jsonPicture(models, parseJson(body.bytes))]
  if (body.type === FORM_TYPE) return formPictures(models, body, settings)
  throw unsupportedType(body.type, DECOMPRESS_TYPES)
}

export async function codePicture(models: Models, code: Uint8Array): Promise<Picture> {
  await models.forCode(code)
  return decompressBatch(models, [code])[0]!
}

async function jsonPicture(models: Models, json: unknown): Promise<Picture> {
  const hasCode = typeof json === 'object' && json !== null && 'code' in json
  if (hasCode) return codePicture(models, fromBase64Url(check(CodeBody, json, 'body').code))
  const { latent, model: name } = check(LatentBody, json, 'body: expected {code} or {latent, model}')
  const manifest = models.named(name)
  if (latent.length !== manifest.latent)
    throw new Problem('wrong-shape', `latent: got ${latent.length} numbers, ${name} has ${manifest.latent}`)
  const model = await models.load(manifest)
  const { width, height } = manifest.input
  return { model, samples: decodeLatent(model, latent), width, height }
}

/** `code` parts, and beside them as many `original` parts or none. */
async function formPictures(models: Models, body: Body, settings: Settings): Promise<Picture[]> {
  const parts = readForm(body.bytes, body.contentType!, ['code', 'original'], settings.maxBatch)
  const codes = parts.filter(({ name }) => name === 'code')
  const originals = parts.filter(({ name }) => name === 'original')
  if (codes.length === 0) throw new Problem('malformed', 'multipart/form-data: there is no part named `code`')
  if (originals.length !== 0 && originals.length !== codes.length) {
    const detail = `there are ${codes.length} \`code\` parts and ${originals.length} \`original\` parts`
    throw new Problem('malformed', `multipart/form-data: ${detail}; send as many, or no original`)
  }
  const pictures = await decompressParts(models, codes)
  for (const [i, original] of originals.entries())
    pictures[i] = await withError(models, pictures[i]!, original, settings)
  return pictures
}

async function decompressParts(models: Models, parts: FormPart[]): Promise<Picture[]> {
  const codes: Uint8Array[] = []
  for (const { content, label } of parts)
    try {
      const code = typeof content === 'string' ? fromBase64Url(content.trim()) : content
      await models.forCode(code)
      codes.push(code)
    } catch (error) {
      throw inPart(label, error)
    }
  try {
    return decompressBatch(models, codes)
  } catch (error) {
    for (const [i, code] of codes.entries()) // which one was it?
      try {
        decompressBatch(models, [code])
      } catch (own) {
        throw inPart(parts[i]!.label, own)
      }
    throw error
  }
}

async function withError(
  models: Models,
  picture: Picture,
  part: FormPart,
  settings: Settings,
): Promise<Picture> {
  const { input, name } = picture.model.manifest
  const original = await partInput(models, part, name, settings)
  const distortion = mse(original.samples, picture.samples)
  const similarity = ssim(original.samples, picture.samples, input)
  return { ...picture, error: { mse: distortion, psnrDb: psnrDb(distortion), ssim: similarity } }
}
