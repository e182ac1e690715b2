/** Times a picture's long code beside WebP by libwebp as wasm (jSquash), in any runtime. */
import decodeWebp, { init as initDecoder } from '@jsquash/webp/decode.js'
import encodeWebp, { init as initEncoder } from '@jsquash/webp/encode.js'
import { median } from '../../evaluate/median.ts'
import { compressGrid, decompressGrid } from '../../shared/grid/grid-code.ts'
import { loadGridModel } from '../../shared/grid/grid-model.ts'
import { readShippedPreview } from '../../shared/grid/long-decoder.ts'
import { readDecoder } from '../../shared/grid/networks/compact-decoder.ts'
import { withoutAlpha } from '../../shared/preview/decoder.ts'

export interface SpeedInput {
  width: number
  height: number
  rounds: number
  maxBytes: number
  /** The quality at which a WebP has about `maxBytes`. */
  quality: number
  bytes: Record<
    | 'rgba'
    | 'previewCode'
    | 'tables'
    | 'decoder'
    | 'encoder'
    | 'convolve'
    | 'pixels'
    | 'planeCoder'
    | 'webpDecoder'
    | 'webpEncoder',
    Uint8Array<ArrayBuffer>
  >
}

/** Milliseconds, medians over rounds in which both take turns. */
export interface CodecSpeed {
  decodeMs: { latent64: number; webp: number }
  encodeMs: { latent64: number; webp: number }
  bytes: { latent64: number; webp: number }
}

export async function codecSpeed({
  width,
  height,
  rounds,
  maxBytes,
  quality,
  bytes,
}: SpeedInput): Promise<CodecSpeed> {
  const convolve = await WebAssembly.compile(bytes.convolve)
  const pixels = await WebAssembly.compile(bytes.pixels)
  const planeCoder = await WebAssembly.compile(bytes.planeCoder)
  await initDecoder(await WebAssembly.compile(bytes.webpDecoder))
  await initEncoder(await WebAssembly.compile(bytes.webpEncoder))
  const grid = loadGridModel(
    { manifest: { name: 'grid', number: 0 }, ...bytes, decoder: readDecoder(bytes.decoder) },
    { convolve, pixels, planeCoder },
  )
  const image = { data: new Uint8ClampedArray(bytes.rgba.buffer), width, height } as ImageData // Node has no such class
  const picture = { width, height, samples: withoutAlpha(bytes.rgba) }
  const request = { original: picture, picture, scale: 0, previewCode: bytes.previewCode, maxBytes }
  const encode = () => compressGrid(grid, readShippedPreview, request)
  const encodeOther = () => encodeWebp(image, { quality, method: 6 })
  const { code } = encode()
  const webp = await encodeOther()
  const drawn = decompressGrid(grid, readShippedPreview, code).decoded.picture
  if (drawn.samples.length !== picture.samples.length) throw new Error('not the picture that was encoded')
  const times: Record<string, number[]> = {}
  const time = async (name: string, work: () => unknown) => {
    const startedMs = performance.now()
    await work()
    times[name] = [...(times[name] ?? []), performance.now() - startedMs]
  }
  for (let round = 0; round < rounds; round++) {
    await time('decode', () => decompressGrid(grid, readShippedPreview, code))
    await time('decodeWebp', () => decodeWebp(webp))
    await time('encode', encode)
    await time('encodeWebp', encodeOther)
  }
  return {
    decodeMs: { latent64: median(times.decode), webp: median(times.decodeWebp) },
    encodeMs: { latent64: median(times.encode), webp: median(times.encodeWebp) },
    bytes: { latent64: code.length, webp: webp.byteLength },
  }
}
