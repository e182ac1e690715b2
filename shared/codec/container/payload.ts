/** The payload of a code: rate level, original size and symbols, one after another through one range coder. */

import type { Manifest } from '../../manifest.ts'
import type { AlphaSymbols } from '../../preview/alpha.ts'
import type { EntropyModel } from '../entropy/entropy-model.ts'
import { RangeDecoder, RangeEncoder } from '../entropy/range-coder.ts'
import type { Symbols } from '../entropy/symbols.ts'
import { CodecError } from '../errors.ts'
import { packContainer } from './container.ts'
import { type ImageSize, packSize, unpackSize } from './original-size.ts'
import { packLevel, unpackLevel } from './rate-level.ts'

interface Payload {
  level: number
  /** The original image's size; absent if it is the model's own. */
  size: ImageSize | undefined
  symbols: Symbols
}

/** What goes into a code. */
export interface CodeContent {
  level: number
  /** The original image's size in pixels; absent if it is the model's own. Its transparency if it has any. */
  original: { width?: number; height?: number; alpha?: Uint8Array }
  symbols: Symbols
}

/** What is read from a code; `width` and `height` are the original's, in pixels. */
export interface UnpackedCode {
  level: number
  symbols: Symbols
  width: number
  height: number
  alpha?: AlphaSymbols
}

export interface PackedCode {
  code: Uint8Array
  payloadBytes: number
}

interface PayloadModel {
  manifest: Manifest
  entropyModel: EntropyModel
}

export function packTableCode(model: PayloadModel, { level, original, symbols }: CodeContent): PackedCode {
  const payload = packPayload(model, { level, size: sizeToKeep(model.manifest, original), symbols })
  return { code: packContainer({ modelId: model.manifest.id, payload }), payloadBytes: payload.length }
}

export function unpackTableCode(model: PayloadModel, payload: Uint8Array): UnpackedCode {
  const { level, size, symbols } = unpackPayload(model, payload)
  const { width, height } = size ?? model.manifest.input
  return { level, symbols, width, height }
}

function sizeToKeep({ input }: Manifest, { width, height }: CodeContent['original']): ImageSize | undefined {
  if (width === undefined || height === undefined) return undefined
  return width === input.width && height === input.height ? undefined : { width, height }
}

function packPayload(
  { manifest, entropyModel }: PayloadModel,
  { level, size, symbols }: Payload,
): Uint8Array {
  const coder = new RangeEncoder()
  packLevel(coder, level, manifest)
  packSize(coder, size)
  entropyModel.level(level).pack(coder, symbols)
  return coder.finish()
}

/**
 * A payload's rate level: it decides which tables are needed to unpack the rest. Throws CodecError if there is no such
 * level.
 */
export const levelOf = (payload: Uint8Array, manifest: Manifest): number =>
  unpackLevel(new RangeDecoder(payload), manifest)

/** Throws CodecError unless the bytes are exactly what packPayload() writes for some symbols. */
function unpackPayload(model: PayloadModel, bytes: Uint8Array): Payload {
  const { manifest, entropyModel } = model
  const coder = new RangeDecoder(bytes)
  const level = unpackLevel(coder, manifest)
  const size = unpackSize(coder)
  if (size && size.width === manifest.input.width && size.height === manifest.input.height)
    throw new CodecError("the code spells out a size that is the model's own")
  const payload = { level, size, symbols: entropyModel.level(level).unpack(coder) }
  if (!equalBytes(packPayload(model, payload), bytes))
    throw new CodecError('the payload does not encode back to itself: the code was altered or cut')
  return payload
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
