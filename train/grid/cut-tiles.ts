/** Cuts photographs into tiles, at random sizes from the photograph's own down to a tile's. */

import { readBytes } from '../../node/atomic-write.ts'
import { openImage } from '../../node/open-image.ts'
import { purpose, Random } from '../random.ts'
import { TILE, Tiles } from './tiles.ts'

const TILE_BYTES = TILE * TILE * 3
/** The most tiles from one photograph at one size. */
const MOST_AT_ONCE = 4

export async function cutTiles(files: readonly string[], count: number, seed: number): Promise<Tiles> {
  if (files.length === 0) throw new Error('no photographs to train on')
  const random = new Random(seed, purpose.split)
  const samples = new Uint8Array(count * TILE_BYTES)
  let cut = 0
  let failures = 0
  while (cut < count) {
    const file = files[random.integer(files.length)]
    const image = await openImage(await readBytes(file))
    if (!image || Math.min(image.shape.width, image.shape.height) < TILE) {
      if (++failures > 10 * files.length)
        throw new Error(`photographs have at least ${TILE} pixels on both sides`)
      continue
    }
    const least = TILE / Math.min(image.shape.width, image.shape.height)
    const scale = least ** random.uniform()
    const width = Math.max(TILE, Math.round(image.shape.width * scale))
    const height = Math.max(TILE, Math.round(image.shape.height * scale))
    const picture = await image.samplesAs({ width, height, channels: 3 })
    for (let i = 0; i < MOST_AT_ONCE && cut < count; i++, cut++) {
      const left = random.integer(width - TILE + 1)
      const top = random.integer(height - TILE + 1)
      for (let y = 0; y < TILE; y++) {
        const from = ((top + y) * width + left) * 3
        samples.set(picture.subarray(from, from + TILE * 3), cut * TILE_BYTES + y * TILE * 3)
      }
    }
  }
  return new Tiles(samples)
}
