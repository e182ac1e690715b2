/** What a site needs to know about a photograph before it has loaded. */
import { createHash } from 'node:crypto'
import { findModel } from '../../node/model-directory.ts'
import { compress } from '../../shared/codec/codec.ts'
import { toBase64Url } from '../../shared/codec/container/base64url.ts'
import { toDataURL } from '../../shared/preview/html/data-url.ts'
import { averageColor } from '../../shared/preview/preview.ts'
import { readImage } from '../inputs/image-input.ts'
import { ModelStore } from '../inputs/model-store.ts'

export interface Placeholder {
  /** base64url */
  code: string
  /** The photograph's size, in pixels. */
  width: number
  height: number
  /** Average colour, as #rrggbb. */
  color: string
  /** A WebP of at most 300 characters. */
  dataURL: string
}

export type PlaceholderResult = { done: Placeholder } | { failed: string }

export interface PlaceholderOptions {
  maxBytes?: number
  model?: string
}

const stores = new Map<string | undefined, ModelStore>()

/** bytes: of an image file. */
export async function placeholderOf(
  bytes: Uint8Array,
  { model, maxBytes }: PlaceholderOptions = {},
): Promise<Placeholder> {
  const store = stores.get(model) ?? new ModelStore(model === undefined ? [] : [model])
  stores.set(model, store)
  const chosen = model === undefined ? store.default : findModel(model)
  const { samples, width, height, alpha } = await readImage(bytes, store, chosen)
  const compressed = compress(await store.load(chosen), samples, { maxBytes, width, height, alpha })
  const code = toBase64Url(compressed.code)
  return { code, width, height, color: hexColor(code), dataURL: toDataURL(code) }
}

function hexColor(code: string): string {
  const { r, g, b } = averageColor(code)
  return `#${[r, g, b].map((value) => value.toString(16).padStart(2, '0')).join('')}`
}

/** To be raised if the same photograph would get another placeholder. */
const FORMAT = 1

/** A hash of a file's content and of everything else its placeholder depends on: equal hashes mean equal placeholders. */
export function contentHasher({ maxBytes, model }: PlaceholderOptions): (bytes: Uint8Array) => string {
  const { id } = (model === undefined ? new ModelStore().default : findModel(model)).manifest
  const settings = createHash('sha256').update(JSON.stringify([FORMAT, id, maxBytes ?? null]))
  return (bytes) => settings.copy().update(bytes).digest('base64url').slice(0, 16)
}
