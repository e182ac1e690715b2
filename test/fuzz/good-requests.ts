/** Requests whose responses must be what Node computes, whatever the service went through before. */

import { compress, decompress } from '../../shared/codec/codec.ts'
import type { Model } from '../../shared/codec/model.ts'
import { type DecodedImage, decodeImage } from '../../shared/images/decode-image.ts'
import type { ImageType } from '../../shared/images/image-type.ts'
import type { ImageShape } from '../../shared/manifest.ts'
import { previewInput } from '../../shared/preview/encoder/fill-transparent.ts'
import '../../node/open-image.ts'
import type { HostileRequest } from './hostile-request.ts'
import type { Originals } from './originals.ts'

export interface GoodRequest {
  request: HostileRequest
  expected: Uint8Array
}

const CODE = 'application/vnd.latent64'
const RAW = 'application/octet-stream'

export async function goodRequests(models: Model[], originals: Originals): Promise<GoodRequest[]> {
  const registry = { byId: (id: string) => models.find(({ manifest }) => manifest.id === id) }
  const good: GoodRequest[] = []
  const add = (path: string, type: string, accept: string, body: Uint8Array, expected: Uint8Array): void => {
    const headers = { 'content-type': type, accept }
    good.push({ request: { kind: 'good', method: 'POST', path, headers, body, delivery: 'whole' }, expected })
  }
  for (const { model, samples, code } of originals.codes) {
    const { name, input } = model.manifest
    add(`/compress?model=${name}`, RAW, CODE, samples, code)
    add('/decompress', CODE, RAW, code, decompress(registry, code).samples)
    for (const { type, bytes } of originals.images) {
      const image = await decode(bytes, type, input, model.manifest.isPreview)
      if (!image) continue // the one kind that is refused
      const { width, height } = image
      const size = width === input.width && height === input.height ? {} : { width, height }
      const { samples: fitted, alpha } = model.manifest.isPreview ? previewInput(image, input) : image
      add(`/compress?model=${name}`, type, CODE, bytes, compress(model, fitted, { ...size, alpha }).code)
    }
  }
  for (const { code, samples } of originals.longCodes) add('/decompress', CODE, RAW, code, samples)
  return good
}

async function decode(
  bytes: Uint8Array,
  type: ImageType,
  shape: ImageShape,
  keepsAlpha = false,
): Promise<DecodedImage | undefined> {
  try {
    return await decodeImage(bytes, type, shape, { maxPixels: 16e6 }, undefined, keepsAlpha)
  } catch {
    return undefined
  }
}
