/** A photograph's codes and image files at a given size: the gallery has files of its first photograph; a visitor's comes from the server and the browser. */

import { fromBase64Url } from '../../../../shared/codec/container/base64url.ts'
import { LEAST_GRID_BYTES } from '../../../../shared/grid/grid-container.ts'
import { once } from '../../common/once.ts'
import { compressOnServer } from '../../lab/api.ts'
import type { Shown } from '../stage.ts'
import first from './kodim23.generated.json' with { type: 'json' }
import { fetchBytes } from './long-decoder.ts'
import { MOST_BYTES, type Rival } from './stops.ts'

export interface Source {
  /** A code of at most `bytes`. */
  code(bytes: number, signal: AbortSignal): Promise<Uint8Array>
  /** Undefined if no such file is small enough. */
  file(rival: Rival, bytes: number): Promise<Blob | undefined>
  /** Formats that this source has at no size. */
  lacks: Rival[]
}

export const sourceOf = (shown: Shown): Source => (shown.gallery ? fromGallery() : fromVisitor(shown))

/** `npm run page:gallery` writes it. */
function fromGallery(): Source {
  const folder = 'page/front/bytes/kodim23'
  const long = once(() => fetchBytes(`${folder}/${MOST_BYTES}.latent64`))
  return {
    lacks: [],
    async code(bytes) {
      if (bytes >= LEAST_GRID_BYTES) return beginning(await long(), bytes)
      return fromBase64Url(first.previews[String(bytes) as keyof typeof first.previews])
    },
    async file(rival, bytes) {
      if (!first.files[rival].includes(bytes)) return undefined
      return new Blob([await fetchBytes(`${folder}/${bytes}.${rival}`)], { type: `image/${rival}` })
    },
  }
}

function fromVisitor({ sent, width, height }: Shown): Source {
  const compressed = async (maxBytes: number, signal: AbortSignal) => {
    const { code } = await compressOnServer({ file: sent!, maxBytes }, signal)
    return fromBase64Url(code)
  }
  const long = once(() => compressed(MOST_BYTES, new AbortController().signal))
  const smaller = once(async () => createImageBitmap(sent!, sizeWithin(width, height)))
  return {
    lacks: ['avif'],
    code: async (bytes, signal) =>
      bytes < LEAST_GRID_BYTES ? compressed(bytes, signal) : beginning(await long(), bytes),
    file: async (rival, bytes) => (rival === 'webp' ? webpWithin(await smaller(), bytes) : undefined),
  }
}

const beginning = (code: Uint8Array, bytes: number) => code.subarray(0, bytes)

/** The size at which a long code holds a picture, or nearly: 393,216 pixels. */
function sizeWithin(width: number, height: number) {
  const scale = Math.min(1, Math.sqrt(393_216 / (width * height)))
  return {
    resizeWidth: Math.max(1, Math.round(width * scale)),
    resizeHeight: Math.max(1, Math.round(height * scale)),
    resizeQuality: 'high' as const,
  }
}

/** As large as may be, at half its sides if that is what it takes. */
async function webpWithin(image: ImageBitmap, bytes: number): Promise<Blob | undefined> {
  for (const scale of [1, 0.7, 0.5, 0.35, 0.25, 0.15]) {
    const canvas = new OffscreenCanvas(Math.ceil(image.width * scale), Math.ceil(image.height * scale))
    const context = canvas.getContext('2d')!
    context.imageSmoothingQuality = 'high'
    context.drawImage(image, 0, 0, canvas.width, canvas.height)
    const at = (quality: number) => canvas.convertToBlob({ type: 'image/webp', quality })
    const file = await bestWithin(at, bytes)
    if (file) return file
  }
  return undefined
}

/** Undefined below a quality at which a smaller picture is the better one. */
async function bestWithin(at: (quality: number) => Promise<Blob>, bytes: number): Promise<Blob | undefined> {
  let best: Blob | undefined
  let [low, high] = [0.05, 0.95]
  for (let step = 0; step < 5; step++) {
    const quality = step === 0 ? low : (low + high) / 2
    const file = await at(quality)
    if (file.size <= bytes) {
      best = file
      low = quality
    } else if (step === 0) return undefined
    else high = quality
  }
  return best
}
