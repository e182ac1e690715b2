/** Long codes to pixels where there is no registry of models: in browsers, Node, Bun and Deno. */
import { fromBase64Url } from '../codec/container/base64url.ts'
import { CodecError } from '../codec/errors.ts'
import { upscale } from '../images/upscale.ts'
import { withoutAlpha } from '../preview/decoder.ts'
import { decode, type PreviewImage } from '../preview/preview.ts'
import { decompressGrid, openGrid, type PreviewReader } from './grid-code.ts'
import { gridNumber, loadGridModel } from './grid-model.ts'
import type { GridWasm } from './grid-wasm.ts'
import { readDecoder } from './networks/compact-decoder.ts'

export interface LongImage extends PreviewImage {
  /** The length of the code given, and that of the whole code if this is only its beginning. */
  bytes: number
  totalBytes: number
}

export interface LongDecoderFiles extends GridWasm {
  tables: Uint8Array
  decoder: Uint8Array
}

/** The shipped preview model's pictures: of its own size, as the codec has them. */
const PREVIEW = { width: 32, height: 32, channels: 3 } as const

export const readShippedPreview: PreviewReader = (code) => {
  const samples = withoutAlpha(decode(code, PREVIEW).rgba)
  return (width, height) => upscale(samples, PREVIEW, width, height)
}

/** Throws RangeError if a file has another length than its part takes. */
export function longDecoder({ tables, decoder, ...wasm }: LongDecoderFiles) {
  const number = gridNumber({ tables, decoder })
  const model = loadGridModel(
    { manifest: { name: 'grid', number }, tables, decoder: readDecoder(decoder) },
    wasm,
  )
  /** A code, or any beginning of one that holds its preview: bytes or base64url. Throws CodecError. */
  return (code: Uint8Array | string): LongImage => {
    const bytes = typeof code === 'string' ? fromBase64Url(code) : code
    const { previewCode, totalBytes, beforePlanes } = openGrid(bytes)
    if (!beforePlanes) return { ...decode(previewCode), bytes: bytes.length, totalBytes }
    const { modelNumber } = beforePlanes
    if (modelNumber !== number)
      throw new CodecError(`the code is of grid model ${modelNumber}, this decoder of ${number}`)
    const { decoded } = decompressGrid(model, readShippedPreview, bytes)
    const { width, height, samples } = decoded.picture
    return { width, height, rgba: withAlpha(samples), bytes: bytes.length, totalBytes }
  }
}

function withAlpha(samples: Uint8Array): Uint8ClampedArray<ArrayBuffer> {
  const rgba = new Uint8ClampedArray((samples.length / 3) * 4).fill(255)
  for (let from = 0, to = 0; from < samples.length; to += 4)
    for (let c = 0; c < 3; c++) rgba[to + c] = samples[from++]
  return rgba
}
