/** Compresses by the server's API; if that is closed to this page (a key, a rate limit, no network), here. */

import { type CompressResponse, compressResponse } from '../../../shared/codec/compress-response.ts'
import { UnreachableRateError } from '../../../shared/codec/errors.ts'
import type { Manifest } from '../../../shared/manifest.ts'
import { ApiError, compressOnServer } from './api.ts'
import { compress, loadWholeModel } from './engine.ts'
import type { Picture } from './source/source.ts'

export interface Outcome {
  manifest: Manifest
  picture: Picture
  /** The picture as the model sees it, 8-bit samples [h, w, c]. */
  original: Uint8Array
  response: CompressResponse
  /** Why it was compressed here and not by the server: an HTTP status, or 0 if there was no response. */
  closedBy?: number
}

/** Statuses that say "not you" or "not now", not "not this image". */
const CLOSED = [401, 403, 429, 503]

export async function compressPicture(
  picture: Picture,
  original: Uint8Array,
  manifest: Manifest,
  maxBytes: number | undefined,
  signal: AbortSignal,
): Promise<Outcome> {
  const known = { manifest, picture, original }
  try {
    const request = { model: manifest.name, maxBytes, file: picture.file }
    return { ...known, response: await compressOnServer(request, signal) }
  } catch (error) {
    const closedBy = error instanceof TypeError ? 0 : error instanceof ApiError ? error.status : undefined
    if (closedBy === undefined || (closedBy !== 0 && !CLOSED.includes(closedBy))) throw error
    return { ...known, response: await compressHere(picture, original, manifest, maxBytes), closedBy }
  }
}

async function compressHere(
  { bitmap }: Picture,
  original: Uint8Array,
  manifest: Manifest,
  maxBytes: number | undefined,
): Promise<CompressResponse> {
  const { width, height } = bitmap
  const compressed = compress(await loadWholeModel(manifest), original, { maxBytes, width, height })
  return compressResponse(manifest, { samples: original, width, height }, compressed)
}

/** The smallest code there is of an image, if `error` says that a bound was below it. */
export function smallestBytes(error: unknown): number | undefined {
  if (error instanceof ApiError) return error.smallestBytes
  if (error instanceof UnreachableRateError && 'smallestBytes' in error.best) return error.best.smallestBytes
  return undefined
}
