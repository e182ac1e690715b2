/** JPEG XL through @jsquash/jxl (libjxl as WebAssembly). */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ImageShape } from '../../shared/manifest.ts'
import { fromRgba, toRgba } from '../../train/baselines/rgba.ts'
import { type Baseline, timed } from './baseline.ts'

const wasm = (part: 'enc' | 'dec') => {
  const url = import.meta.resolve(`@jsquash/jxl/codec/${part}/jxl_${part}.wasm`)
  return new WebAssembly.Module(readFileSync(fileURLToPath(url)))
}

/** Loaded on first use: compiling the two modules takes half a second. */
async function loadJpegXl() {
  globalThis.ImageData ??= class {
    data: Uint8ClampedArray
    width: number
    height: number
    constructor(data: Uint8ClampedArray, width: number, height: number) {
      this.data = data
      this.width = width
      this.height = height
    }
  } as unknown as typeof ImageData // @jsquash returns one, and Node has no such class
  const encoder = await import('@jsquash/jxl/encode.js')
  const decoder = await import('@jsquash/jxl/decode.js')
  await encoder.init(wasm('enc'))
  await decoder.init(wasm('dec'))
  return { encode: encoder.default, decode: decoder.default }
}
let loading: ReturnType<typeof loadJpegXl> | undefined
const jpegXlCodec = () => {
  loading ??= loadJpegXl()
  return loading
}

async function code(samples: Uint8Array, shape: ImageShape, quality: number) {
  const { encode, decode } = await jpegXlCodec()
  const data = toRgba(samples, shape) as Uint8ClampedArray<ArrayBuffer>
  const image = { data, width: shape.width, height: shape.height, colorSpace: 'srgb' } as ImageData
  return timed(
    () => encode(image, { quality, effort: 7 }),
    async (bytes) => fromRgba((await decode(bytes)).data, shape),
    (bytes) => bytes.byteLength,
  )
}

export const jpegXl: Baseline = {
  codec: 'JPEG XL',
  note: 'libjxl, effort 7',
  settings: (shape) =>
    [1, 10, 30, 50, 75].map((quality) => ({
      setting: `q${quality}`,
      code: (samples) => code(samples, shape, quality),
    })),
}
