/**
 * `npm run page:gallery -- FOLDER`: the front page's twenty photographs, of Kodak's 24 (kodim01.png to kodim24.png),
 * with their codes and other placeholders of at most as many bytes.
 */

import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ChromaHash, init } from '@visualcommons/chromahash'
import { encode as encodeBlurHash } from 'blurhash'
import sharp from 'sharp'
import { rgbaToThumbHash } from 'thumbhash'
import { placeholderOf } from '../../cli/placeholders/placeholder.ts'
import type { GalleryPhoto } from '../../edge/page/front/gallery/photos.ts'
import { chromaHashWasmPath } from '../../evaluate/eyes/chromahash-wasm.ts'
import { readBytes } from '../../node/atomic-write.ts'
import { encodeTile } from '../../shared/images/webp/encode/encode-tile.ts'
import { writeEveryByte } from './every-byte.ts'

const SHOWN = [23, 7, 15, 2, 4, 3, 5, 6, 9, 11, 12, 13, 14, 16, 19, 20, 21, 22, 24, 1]
const MAX_BYTES = 32
const LONG_SIDE = 640
const HERO_LONG_SIDE = 768
const out = join(import.meta.dirname, '..', '..', 'edge', 'page', 'front', 'gallery')

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

async function describe(folder: string, number: number): Promise<GalleryPhoto> {
  const name = `kodim${String(number).padStart(2, '0')}`
  const bytes = await readBytes(join(folder, `${name}.png`))
  const { code, width, height, color } = await placeholderOf(bytes, { maxBytes: MAX_BYTES })
  const side = number === SHOWN[0] ? HERO_LONG_SIDE : LONG_SIDE
  const photo = sharp(bytes).resize(side, side, { fit: 'inside' }).webp({ quality: 66, effort: 6 })
  await photo.toFile(join(out, 'photos', `${name}.webp`))
  const hundred = await pixels(bytes, 100)
  const small = await pixels(bytes, 16)
  return {
    ...{ name, width, height, color, code },
    chromaHash: base64(ChromaHash.encode(hundred.width, hundred.height, hundred.rgba, 'sRGB').hash),
    thumbHash: base64(rgbaToThumbHash(hundred.width, hundred.height, hundred.rgba)),
    blurHash: encodeBlurHash(new Uint8ClampedArray(hundred.rgba), hundred.width, hundred.height, 4, 4),
    webp: base64(encodeTile(small.rgba, small.width, small.height, 80)!),
  }
}

async function pixels(bytes: Uint8Array, side: number) {
  const image = sharp(bytes).resize(side, side, { fit: 'inside' }).ensureAlpha().raw()
  const { data, info } = await image.toBuffer({ resolveWithObject: true })
  return { rgba: new Uint8Array(data), width: info.width, height: info.height }
}

const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('which folder holds kodim01.png to kodim24.png?')
await mkdir(join(out, 'photos'), { recursive: true })
await init(await readFile(chromaHashWasmPath))
const photos = await Promise.all(SHOWN.map((number) => describe(folder, number)))
await writeFile(join(out, 'photos.generated.json'), `${JSON.stringify(photos, null, 1)}\n`)
await writeEveryByte(photos[0].name, await readBytes(join(folder, `${photos[0].name}.png`)))
