/** Today's placeholders and ours, each at the bytes it takes: an image -> its picture, drawn as its own library draws it. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ChromaHash, init } from '@visualcommons/chromahash'
import { decode as drawChromaHash } from '@visualcommons/chromahash/decode'
import sharp from 'sharp'
import { rgbaToThumbHash, thumbHashToRGBA } from 'thumbhash'
import { loadModelDirectory } from '../../node/load-model.ts'
import { compress, decompress } from '../../shared/codec/codec.ts'
import { drawAt } from '../../shared/codec/draw-at.ts'
import { areaAverage } from '../../shared/images/resize.ts'

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
  const wasm = fileURLToPath(import.meta.resolve('@visualcommons/chromahash')).replace(
    /dist\/.*$/,
    'wasm/chromahash_wasm_bg.wasm',
  )
  await init(readFileSync(wasm))
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

async function previews(directory: string, sizes: number[]): Promise<Placeholder[]> {
  const model = await loadModelDirectory(directory)
  const { input } = model.manifest
  return sizes.map((maxBytes) => ({
    codec: 'Latent64',
    setting: `maxBytes ${maxBytes}`,
    async draw({ width, height, rgba }) {
      const rgb = Uint8Array.from(
        { length: width * height * 3 },
        (_, i) => rgba[4 * Math.floor(i / 3) + (i % 3)],
      )
      const samples = areaAverage(rgb, { width, height, channels: 3 }, input)
      const { code } = compress(model, samples, { maxBytes, width, height })
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
  return [...(await previews(directory, sizes)), thumbHash, ...(await chromaHashes(tiers))]
}
