/** Fits a grid codec's entropy model to the symbols that its networks make of training photographs. */
import {
  type DrawPreview,
  encodeGrid,
  type GridModel,
  previewOf,
  pyramidPictures,
  quantizedLatents,
} from '../../../shared/grid/grid-codec.ts'
import type { GridEncoder } from '../../../shared/grid/networks/grid-networks.ts'
import type { Matrix } from '../../../shared/grid/networks/transforms.ts'
import { knownOf, type Picture, quarterOf } from '../../../shared/grid/pictures.ts'
import { BitEncoder } from '../../../shared/grid/planes/bit-coder.ts'
import { EVEN_TABLES } from '../../../shared/grid/planes/context-tables.ts'
import type { LevelSymbols } from '../../../shared/grid/planes/level-symbols.ts'
import { pyramidOf } from '../../../shared/grid/pyramid.ts'
import { fitPartners, fitWeights, RecordedBits } from './fit-tables.ts'
import { MATRICES } from './matrices.ts'

/** A training photograph, and its preview's decoder. */
export interface Sample {
  picture: Picture
  preview: DrawPreview
}

/** Photographs from which the order of channels and their partners come. */
export const CALIBRATION = 48

export type CodingModel = GridModel & { encoder: GridEncoder }

/** The entropy model, fitted to the bits of all samples. */
export function fitEntropyModel(
  model: CodingModel,
  samples: Sample[],
  seed: number,
  log: (line: string) => void,
) {
  const symbolsOf = calibrationSymbols(model.encoder, samples)
  const partners = new Uint8Array(
    // In the order of context-tables.ts.
    MATRICES.flatMap((matrix) => [...fitPartners(symbolsOf(matrix), matrix)]),
  )
  model.planes.useTables({ ...EVEN_TABLES, partners })
  const recorded = new RecordedBits()
  for (const [i, { picture, preview }] of samples.entries())
    encodeGrid(model, new BitEncoder(), picture, preview, {
      record: (bit, indices) => recorded.record(bit, indices),
      lastPlane: i % 4 ? 3 : 2,
      lowerLevelsEnd: { plane: i % 2 ? 3 : 1, group: 0 },
    })
  log(`${recorded.count} bits of ${samples.length} photographs`)
  const { weights, bitsPerDecision } = fitWeights(recorded, seed)
  log(`the entropy model: ${bitsPerDecision.toFixed(4)} bits per decision`)
  const tables = new Uint8Array([...new Uint8Array(weights.buffer), ...partners])
  return { tables, bitsPerDecision }
}

/**
 * Some samples' symbols, of the level whose blocks may have a matrix: the lowest given its preview, or the highest given the
 * quarter-size picture as it is.
 */
export function calibrationSymbols(
  encoder: GridEncoder,
  samples: Sample[],
): (matrix: Matrix) => LevelSymbols[] {
  const [lowest, highest]: LevelSymbols[][] = [[], []]
  for (const { picture, preview } of samples.slice(0, CALIBRATION)) {
    const levels = pyramidOf(picture.width, picture.height)
    const pictures = pyramidPictures(picture, levels)
    const [first, last, blocks] = [levels[0], levels.at(-1)!, pictures.at(-1)!]
    const drawn = knownOf(previewOf(first, preview).picture, first)
    lowest.push(quantizedLatents(encoder, first, pictures[0], drawn, true))
    highest.push(quantizedLatents(encoder, last, blocks, knownOf(quarterOf(blocks, last), last), false))
  }
  return (matrix) => (matrix === 'lowest' ? lowest : highest)
}
