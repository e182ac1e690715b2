import { writeStandardOutput, writeWhole } from '../node/atomic-write.ts'
import { PIPE } from '../node/list-files.ts'
import { fromBase64Url } from '../shared/codec/base64url.ts'
import { type Decompressed, decompress } from '../shared/codec/codec.ts'
import { encodePng } from '../shared/images/png/encode-png.ts'
import { upscale } from '../shared/images/upscale.ts'
import type { ImageShape } from '../shared/manifest.ts'
import type { DecompressFormat, OutputSize } from './formats.ts'
import { ModelStore } from './inputs/model-store.ts'
import { readCode } from './inputs/read-code.ts'
import type { Job } from './jobs/list-jobs.ts'

/** A bound on memory: with the PNG made from it, half a gigabyte. */
const MAX_PIXELS = 2 ** 26

export interface DecompressSetup {
  model?: string
  format: DecompressFormat
  size: OutputSize
}

export interface Decompression {
  codeBytes: number
  outputBytes: number
}

/** Reads one code and writes its picture. */
export function decompressTask({
  model,
  format,
  size,
}: DecompressSetup): (job: Job) => Promise<Decompression> {
  const store = new ModelStore(model === undefined ? [] : [model])
  return async ({ input, output, isFound, ...job }) => {
    const code = job.code === undefined ? await readCode(input, { isFound }) : fromBase64Url(job.code)
    await store.forCode(code)
    const { samples, shape } = resized(decompress(store, code), size)
    const written = format === 'raw' ? samples : encodePng(samples, shape)
    await (output === PIPE ? writeStandardOutput(written) : writeWhole(output, written))
    return { codeBytes: code.length, outputBytes: written.length }
  }
}

function resized(picture: Decompressed, size: OutputSize): { samples: Uint8Array; shape: ImageShape } {
  const shape = picture.model.manifest.input
  const { width, height } = size === 'model' ? shape : size === 'original' ? picture : size
  if (width === shape.width && height === shape.height) return { samples: picture.samples, shape }
  if (width * height > MAX_PIXELS)
    throw new Error(`expected at most ${MAX_PIXELS} pixels to draw, got ${width} x ${height}`)
  const samples = upscale(picture.samples, shape, width, height)
  return { samples, shape: { width, height, channels: shape.channels } }
}
