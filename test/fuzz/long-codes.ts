/** Long codes to damage, and well-formed ones of random bits. */
import { join } from 'node:path'
import { loadGridDirectory } from '../../node/grid-model-directory.ts'
import { SHIPPED_MODELS } from '../../node/installed-files.ts'
import { MAX_SIDE } from '../../shared/codec/container/original-size.ts'
import type { Model } from '../../shared/codec/model.ts'
import { openPlanes, packBeforePlanes } from '../../shared/grid/grid-code.ts'
import { packGridContainer } from '../../shared/grid/grid-container.ts'
import { compressLong } from '../../shared/grid/long-code.ts'
import { BitEncoder } from '../../shared/grid/planes/bit-coder.ts'
import { scene } from '../grid/grid-pictures.ts'
import type { Random } from './random.ts'

export interface LongCode {
  code: Uint8Array
  /** What /decompress draws, raw. */
  samples: Uint8Array
}

export async function makeLongCodes(models: Model[]): Promise<LongCode[]> {
  const grid = await loadGridDirectory(join(SHIPPED_MODELS, 'grid'))
  const preview = models.find((model) => model.preview)!
  return [
    { image: scene(40, 30), maxBytes: 60 },
    { image: scene(200, 150), maxBytes: 500 },
    { image: scene(300, 90), maxBytes: 4000 },
  ].map(({ image, maxBytes }) => {
    const made = compressLong(grid, preview, { image, original: image, scale: 0 }, { maxBytes })
    return { code: made.code, samples: made.decoded.picture.samples }
  })
}

/** Right in head and checks: any size and scale, and then random bits, which go on as long as they mean something. */
export function randomLongCode(random: Random, { code }: LongCode): Uint8Array {
  const { modelNumber, previewCode } = openPlanes(code)
  const side = () => 1 + random.below(random.pick([1, 20, 300, 1000, MAX_SIDE]))
  const coder = new BitEncoder()
  const number = random.below(9) === 0 ? random.below(64) : modelNumber
  const size = random.below(9) === 0 ? undefined : { width: side(), height: side() }
  packBeforePlanes(coder, number, random.below(16), size)
  const bits = random.below(random.pick([8, 400, 8000]))
  for (let i = 0; i < bits; i++) coder.encodeBits(random.below(2), 1)
  return packGridContainer(previewCode, coder.finish(), 1 << 20)
}
