/** A folder's photographs at several sizes, with previews by the shipped preview model. */

import { readBytes } from '../../node/atomic-write.ts'
import { openImage } from '../../node/open-image.ts'
import type { Model } from '../../shared/codec/model.ts'
import { compressPreview, previewReader } from '../../shared/grid/preview-codes.ts'
import type { Sample } from './export/fit-entropy-model.ts'
import { photographs } from './photograph-files.ts'

/** Long sides in pixels, taken in turn. */
const LONG_SIDES = [256, 192, 320, 256, 512, 128, 384, 768]

export async function samplesOf(folder: string, count: number, previewModel: Model): Promise<Sample[]> {
  const files = photographs(folder)
  if (files.length === 0) throw new Error(`${folder}: no photographs`)
  const read = previewReader({ byId: () => previewModel })
  const samples: Sample[] = []
  for (let i = 0; i < count; i++) {
    const image = await openImage(await readBytes(files[(i * 37) % files.length]))
    if (!image) continue
    const { width, height } = sizeWithin(image.shape, LONG_SIDES[i % LONG_SIDES.length])
    const picture = { width, height, samples: await image.samplesAs({ width, height, channels: 3 }) }
    const small = await image.samplesAs(previewModel.manifest.input)
    samples.push({ picture, preview: read(compressPreview(previewModel, small, picture).code) })
  }
  return samples
}

function sizeWithin({ width, height }: { width: number; height: number }, longSide: number) {
  const scale = Math.min(1, longSide / Math.max(width, height))
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}
