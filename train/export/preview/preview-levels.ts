/** What to expect of a preview's rate levels. */
import { runInNode } from '../../../node/load-model.ts'
import { compressBatch } from '../../../shared/codec/codec.ts'
import { psnrDb } from '../../../shared/images/metrics.ts'
import { type Manifest, previewHash } from '../../../shared/manifest.ts'
import type { LayersFile } from '../../../shared/network/layers/layers-file.ts'
import { ERRORS, type PreviewParameters } from '../../../shared/preview/parameters.ts'
import { errorSymbol } from '../../../shared/preview/payload.ts'
import { round } from '../rate-levels.ts'
import { writeParameters } from './preview-bytes.ts'
import { sharesOf } from './shares.ts'

const MEASURED_IMAGES = 1000
const BATCH = 256
/** The default level is the one with the most bytes below this. */
const DEFAULT_BYTES = 24

export const modelOf = (manifest: Manifest, encoder: LayersFile, parameters: PreviewParameters) =>
  runInNode({ manifest, encoder, preview: writeParameters(parameters) })

/** Measured on validation images through the codec itself. Sets `parameters.errorShares` to match. */
export async function measureLevels(
  draft: Manifest,
  encoder: LayersFile,
  parameters: PreviewParameters,
  images: Uint8Array[],
  log: (line: string) => void,
): Promise<Manifest> {
  const model = await modelOf(draft, encoder, parameters)
  const measured = images.slice(0, MEASURED_IMAGES)
  const errors = new Float64Array(ERRORS)
  const levels = draft.levels.map((level, at) => {
    const costs: number[] = []
    let [bytes, mse] = [0, 0]
    for (let first = 0; first < measured.length; first += BATCH)
      for (const compressed of compressBatch(model, measured.slice(first, first + BATCH), { level: at })) {
        bytes += compressed.bytes.total / measured.length
        mse += compressed.mse / measured.length
        costs.push(compressed.costBits)
        errors[errorSymbol(compressed.psnrDb)] += parameters.levelShares[at]
      }
    costs.sort((a, b) => a - b)
    log(
      `rate level ${at} of ${draft.levels.length}: ${bytes.toFixed(1)} bytes, ${psnrDb(mse).toFixed(2)} dB on validation images`,
    )
    const costLimitBits = round(costs[Math.round(0.99 * (costs.length - 1))])
    return { ...level, meanBytes: round(bytes), psnrDb: round(psnrDb(mse)), costLimitBits }
  })
  parameters.errorShares.set(sharesOf(errors))
  const below = levels.findLastIndex(({ meanBytes }) => meanBytes <= DEFAULT_BYTES)
  const manifest = { ...draft, levels, defaultLevel: Math.max(0, below) }
  return { ...manifest, id: previewHash(writeParameters(parameters), manifest) }
}
