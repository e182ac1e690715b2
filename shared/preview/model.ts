/** A preview as a model of the codec. Its codes carry its number, or a hash as id like other models' codes. */
import { packContainer, packNumbered, previewNumber } from '../codec/container/container.ts'
import type { CodeContent, PackedCode, UnpackedCode } from '../codec/container/payload.ts'
import type { Manifest } from '../manifest.ts'
import type { Network } from '../network/network.ts'
import type { AlphaSymbols } from './alpha.ts'
import { packPreviewPayload, unpackExactly } from './code.ts'
import { PreviewDecoder } from './decoder.ts'
import { ALPHA_BITS, fitAlpha, MOST_ALPHA_BYTES } from './encoder/alpha-fit.ts'
import { PreviewEntropyModel } from './encoder/tables.ts'
import { type PreviewParameters, readParameters } from './parameters.ts'
import { errorDb, errorSymbol, type PreviewPayload } from './payload.ts'

interface Preview {
  manifest: Manifest
  preview: PreviewParameters
}

/** A preview keeps the original's aspect ratio but not its size. The size reported instead has this longer side, in pixels. */
const NOMINAL_SIDE = 512

/** bytes: decoder.bin */
export function previewDecoder(manifest: Manifest, bytes: Uint8Array) {
  const preview = readParameters(bytes)
  const entropyModel = new PreviewEntropyModel(preview)
  return { manifest, preview, entropyModel, decoder: new PreviewDecoder(preview, manifest.input) }
}

export const previewModel = (manifest: Manifest, encoder: Network, bytes: Uint8Array) => ({
  ...previewDecoder(manifest, bytes),
  encoder,
})

/** The symbols fitted to an alpha plane, by their limit of bits. Kept because a search packs them many times. */
const fitted = new WeakMap<Uint8Array, Map<number, AlphaSymbols>>()

function alphaOf({ preview, manifest }: Preview, alpha: Uint8Array, mostBits: number): AlphaSymbols {
  const fits = fitted.get(alpha) ?? new Map<number, AlphaSymbols>()
  fitted.set(alpha, fits)
  const fit = fits.get(mostBits) ?? fitAlpha(alpha, manifest.input, preview.template, mostBits)
  fits.set(mostBits, fit)
  return fit
}

export const alphaBytes = ({ alpha }: { alpha?: Uint8Array }): number => (alpha ? MOST_ALPHA_BYTES : 0)

export function packPreviewCode(model: Preview, content: CodeContent): PackedCode {
  const { manifest, preview } = model
  const { level, original, symbols } = content
  const { width = manifest.input.width, height = manifest.input.height, alpha } = original
  const { component, psnrHalfDb, latent } = symbols
  const number = previewNumber(manifest.id)
  const opaque = {
    ...{ level, component, symbols: latent },
    ...{ error: errorSymbol(psnrHalfDb / 2), aspect: { width, height } },
  }
  let payload = packPreviewPayload(preview, number, opaque)
  if (alpha) payload = withAlpha(model, alpha, opaque, payload.length + MOST_ALPHA_BYTES)
  const isNumbered = number !== undefined
  const code = isNumbered ? packNumbered(payload) : packContainer({ modelId: manifest.id, payload })
  return { code, payloadBytes: payload.length }
}

function withAlpha(model: Preview, alpha: Uint8Array, opaque: PreviewPayload, mostBytes: number): Uint8Array {
  const pack = (bits: number) =>
    packPreviewPayload(model.preview, previewNumber(model.manifest.id), {
      ...opaque,
      alpha: alphaOf(model, alpha, bits),
    })
  const [most, ...fewer] = ALPHA_BITS
  let payload = pack(most)
  for (const bits of fewer) if (payload.length > mostBytes) payload = pack(bits)
  return payload
}

export function unpackPreviewCode({ manifest, preview }: Preview, payload: Uint8Array): UnpackedCode {
  const content = unpackExactly(preview, previewNumber(manifest.id), payload)
  const { level, component, symbols, error, aspect, alpha } = content
  const longer = Math.max(aspect.width, aspect.height)
  const side = (part: number) => Math.max(1, Math.round((NOMINAL_SIDE * part) / longer))
  return {
    level,
    symbols: { component, psnrHalfDb: 2 * errorDb(error), latent: symbols },
    ...{ width: side(aspect.width), height: side(aspect.height) },
    ...(alpha && { alpha }),
  }
}
