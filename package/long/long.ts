/**
 * `latent64/long`: the second, larger decoder, for codes of 56 bytes and more (maxBytes, docs/long-codes.md). Import it
 * only to show such a code, by `await import('latent64/long')`; latent64/decode draws the preview in it.
 *
 * Cloudflare's runtime does not compile wasm from bytes: Workers call the service's POST /decompress instead.
 */
import { type LongImage, longDecoder } from '../../shared/grid/long-decoder.ts'
import { longFiles } from './long-files.ts'

export { CodecError } from '../../shared/codec/errors.ts'
export type { LongImage }

let decoder: Promise<ReturnType<typeof longDecoder>> | undefined

async function load() {
  const { convolve, pixels, planeCoder, ...files } = await longFiles()
  const compiled = await Promise.all([convolve, pixels, planeCoder].map((wasm) => WebAssembly.compile(wasm)))
  return longDecoder({ ...files, convolve: compiled[0], pixels: compiled[1], planeCoder: compiled[2] })
}

/**
 * The picture at the size at which it was coded: its own up to 393,216 pixels. A cut code gives a coarser picture if it
 * still has its preview. code: bytes or base64url. Throws CodecError.
 */
export async function decodeLong(code: Uint8Array | string): Promise<LongImage> {
  decoder ??= load()
  return (await decoder)(code)
}
