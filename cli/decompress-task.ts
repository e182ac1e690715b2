import { writeStandardOutput, writeWhole } from '../node/atomic-write.ts'
import { PIPE } from '../node/list-files.ts'
import { decompress } from '../shared/codec/codec.ts'
import { fromBase64Url } from '../shared/codec/container/base64url.ts'
import { drawAt } from '../shared/codec/draw-at.ts'
import { isGridCode } from '../shared/grid/grid-container.ts'
import { encodePng } from '../shared/images/png/encode-png.ts'
import { upscale } from '../shared/images/upscale.ts'
import type { ImageShape } from '../shared/manifest.ts'
import type { DecompressFormat, OutputSize } from './formats.ts'
import { GridStore, isGrid } from './inputs/grid-store.ts'
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
  const store = new ModelStore(model === undefined || isGrid(model) ? [] : [model])
  const grids = new GridStore(model)
  const picture = async (code: Uint8Array): Promise<Drawn> => {
    if (!isGridCode(code)) {
      await store.forCode(code)
      const decoded = decompress(store, code)
      const shape = decoded.model.manifest.input
      return { ...decoded, shape, drawAt: (width, height) => drawAt(decoded, width, height) }
    }
    const { decoded, width, height } = await grids.decompress(code, store)
    const { samples, ...own } = decoded.picture
    const shape: ImageShape = { ...own, channels: 3 }
    return { samples, width, height, shape, drawAt: (across, down) => upscale(samples, shape, across, down) }
  }
  return async ({ input, output, isFound, ...job }) => {
    const code = job.code === undefined ? await readCode(input, { isFound }) : fromBase64Url(job.code)
    const { samples, shape } = resized(await picture(code), size)
    const written = format === 'raw' ? samples : encodePng(samples, shape)
    await (output === PIPE ? writeStandardOutput(written) : writeWhole(output, written))
    return { codeBytes: code.length, outputBytes: written.length }
  }
}

/** `shape`: of the samples; width and height: the original's. */
interface Drawn {
  samples: Uint8Array
  shape: ImageShape
  width: number
  height: number
  drawAt(width: number, height: number): Uint8Array
}

function resized(picture: Drawn, size: OutputSize): { samples: Uint8Array; shape: ImageShape } {
  const { shape } = picture
  const { width, height } = size === 'model' ? shape : size === 'original' ? picture : size
  if (width === shape.width && height === shape.height) return { samples: picture.samples, shape }
  if (width * height > MAX_PIXELS)
    throw new Error(`expected at most ${MAX_PIXELS} pixels to draw, got ${width} x ${height}`)
  const samples = picture.drawAt(width, height)
  return { samples, shape: { width, height, channels: shape.channels } }
}
