import { writeStandardOutput, writeWhole } from '../node/atomic-write.ts'
import { PIPE } from '../node/list-files.ts'
import { decompress } from '../shared/codec/codec.ts'
import { fromBase64Url } from '../shared/codec/container/base64url.ts'
import { type Drawn, drawAt } from '../shared/codec/draw-at.ts'
import { drawablePart } from '../shared/grid/grid-code.ts'
import { isGridCode } from '../shared/grid/grid-container.ts'
import { encodePng } from '../shared/images/png/encode-png.ts'
import type { ImageShape } from '../shared/manifest.ts'
import type { DecompressFormat, OutputSize } from './formats.ts'
import { GridStore, isGrid } from './inputs/grid-store.ts'
import { ModelStore } from './inputs/model-store.ts'
import { readCode } from './inputs/read-code.ts'
import type { Job } from './jobs/list-jobs.ts'

/** Bounds memory: with the PNG made from it, such a picture takes half a gigabyte. */
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
  const open = async (given: Uint8Array): Promise<Picture> => {
    const code = drawablePart(given)
    if (!isGridCode(code)) {
      await store.forCode(code)
      const decoded = decompress(store, code)
      const shape = decoded.model.manifest.input
      const { width, height } = decoded
      return { shape, width, height, drawAt: (across, down) => drawAt(decoded, across, down) }
    }
    const { decoded, width, height } = await grids.decompress(code, store)
    const { samples, ...own } = decoded.picture
    const shape: ImageShape = { ...own, channels: 3 }
    const coded = { model: { manifest: { input: shape } }, samples }
    return { width, height, shape, drawAt: (across, down) => drawAt(coded, across, down) }
  }
  return async ({ input, output, isFound, ...job }) => {
    const code = job.code === undefined ? await readCode(input, { isFound }) : fromBase64Url(job.code)
    const { samples, ...shape } = drawn(await open(code), size)
    const written = format === 'raw' ? samples : encodePng(samples, shape)
    await (output === PIPE ? writeStandardOutput(written) : writeWhole(output, written))
    return { codeBytes: code.length, outputBytes: written.length }
  }
}

/** `shape`: the decoder's own; width and height: the original's. */
interface Picture {
  shape: ImageShape
  width: number
  height: number
  drawAt(width: number, height: number): Drawn
}

function drawn(picture: Picture, size: OutputSize): Drawn & { width: number; height: number } {
  const { width, height } = size === 'model' ? picture.shape : size === 'original' ? picture : size
  if (width * height > MAX_PIXELS)
    throw new Error(`expected at most ${MAX_PIXELS} pixels to draw, got ${width} x ${height}`)
  return { ...picture.drawAt(width, height), width, height }
}
