/** Today's placeholders and ours: an image -> its bytes and its picture, as the placeholder's own library draws it. */
import { readFileSync } from 'node:fs'
import { ChromaHash, init } from '@visualcommons/chromahash'
import { decode as drawChromaHash } from '@visualcommons/chromahash/decode'
import sharp from 'sharp'
import { rgbaToThumbHash, thumbHashToRGBA } from 'thumbhash'
import { listGridModels, loadGridDirectory } from '../../node/grid-model-directory.ts'
import { loadModelDirectory } from '../../node/load-model.ts'
import { compress, decompress } from '../../shared/codec/codec.ts'
import { drawAt } from '../../shared/codec/draw-at.ts'
import { scaleFor } from '../../shared/grid/grid-code.ts'
import { LEAST_GRID_BYTES } from '../../shared/grid/grid-container.ts'
import { compressLong } from '../../shared/grid/long-code.ts'
import { areaAverage } from '../../shared/images/resize.ts'
import { withoutAlpha } from '../../shared/preview/decoder.ts'
import { chromaHashWasmPath } from './chromahash-wasm.ts'

export interface Original {
  width: number
  height: number
  /** [height, width, 4] */
  rgba: Uint8Array
}

export interface Drawn {
  bytes: number
  width: number
  height: number
  channels: 3 | 4
  data: Uint8Array
}

export interface Placeholder {
  codec: string
  setting: string
  draw(original: Original): Promise<Drawn>
}

/** ThumbHash takes at most 100 pixels a side. */
const THUMB_SIDE = 100

const thumbHash: Placeholder = {
  codec: 'ThumbHash',
  setting: '-',
  async draw({ width, height, rgba }) {
    const raw = { width, height, channels: 4 } as const
    const shrunk = await sharp(rgba, { raw })
      .resize({ width: THUMB_SIDE, height: THUMB_SIDE, fit: 'inside' })
      .raw()
      .toBuffer({ resolveWithObject: true })
    const hash = rgbaToThumbHash(shrunk.info.width, shrunk.info.height, shrunk.data)
    const picture = thumbHashToRGBA(hash)
    return { bytes: hash.length, width: picture.w, height: picture.h, channels: 4, data: picture.rgba }
  },
}

/** Tiers 0 to 4: 21, 32, 108, 411 and 1,623 bytes. */
async function chromaHashes(tiers: number[]): Promise<Placeholder[]> {
  await init(readFileSync(chromaHashWasmPath))
  return tiers.map((tier) => ({
    codec: 'ChromaHash',
    setting: `tier ${tier}`,
    async draw({ width, height, rgba }) {
      const { hash } = ChromaHash.encodeWithQuality(width, height, rgba, 'sRGB', tier)
      const picture = drawChromaHash(hash)
      return { bytes: hash.length, width: picture.w, height: picture.h, channels: 4, data: picture.rgba }
    },
  }))
}

/** Previews, and from LEAST_GRID_BYTES on long codes. */
async function ours(directory: string, sizes: number[]): Promise<Placeholder[]> {
  const model = await loadModelDirectory(directory)
  const { input } = model.manifest
  const grid = await loadGridDirectory(listGridModels()[0])
  return sizes.map((maxBytes) => ({
    codec: 'Latent64',
    setting: `maxBytes ${maxBytes}`,
    async draw({ width, height, rgba }) {
      const samples = withoutAlpha(rgba)
      if (maxBytes >= LEAST_GRID_BYTES) {
        const image = { width, height, samples }
        const long = { image, original: image, scale: scaleFor(image)! }
        const { code, decoded } = compressLong(grid, model, long, { maxBytes })
        const { samples: data, ...size } = decoded.picture
        return { bytes: code.length, ...size, channels: 3, data }
      }
      const small = areaAverage(samples, { width, height, channels: 3 }, input)
      const { code } = compress(model, small, { maxBytes, width, height })
      const picture = decompress({ byId: () => model }, code)
      return { bytes: code.length, width, height, channels: 3, data: drawAt(picture, width, height).samples }
    },
  }))
}

export async function allPlaceholders(
  directory: string,
  sizes: number[],
  tiers: number[],
): Promise<Placeholder[]> {
  return [...(await ours(directory, sizes)), thumbHash, ...(await chromaHashes(tiers))]
}
