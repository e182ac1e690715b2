import { expect, test } from 'vitest'
import { listGridModels, loadGridDirectory } from '../../node/grid-model-directory.ts'
import { BLOCK_SAMPLES, KNOWN_SAMPLES } from '../../shared/grid/grid-shape.ts'
import type { GridEncoder } from '../../shared/grid/networks/grid-networks.ts'

const grid = await loadGridDirectory(listGridModels()[0])
const encoder = grid.encoder as GridEncoder
const SHAPE = { blocksWide: 3, blocksHigh: 3 }

/** [pixel][3], the same change of brightness in some of the channels. */
const varying = (samples: number, channels: number[], size: number) =>
  Uint8Array.from({ length: samples }, (_, i) =>
    channels.includes(i % 3) ? 128 + size * Math.sin(Math.floor(i / 3) * 1.7) : 128,
  )

/** What share of the picture's energy transforms see in the mean of red, green and blue. */
function greyShare(channels: number[], knownChannels: number[]): number {
  const picture = varying(9 * BLOCK_SAMPLES, channels, 40)
  const known = varying(9 * KNOWN_SAMPLES, knownChannels, 30)
  const blocks = encoder.residualBlocks(SHAPE, picture, known, true)
  let [grey, all] = [0, 0]
  for (let i = 0; i < blocks.length; i += 3) {
    const [r, g, b] = blocks.subarray(i, i + 3)
    grey += (r + g + b) ** 2 / 3
    all += r * r + g * g + b * b
  }
  return grey / all
}

test('what varies in the colour in which the known picture varies is coded as grey', () => {
  expect(greyShare([0], [0])).toBeGreaterThan(0.95)
  expect(greyShare([1], [1])).toBeGreaterThan(0.95)
  expect(greyShare([0, 1], [0, 1])).toBeGreaterThan(0.95)
})

test('where the known picture is grey or flat, colours stay as they are', () => {
  expect(greyShare([0, 1, 2], [0, 1, 2])).toBeGreaterThan(0.999)
  expect(greyShare([0], [])).toBeCloseTo(1 / 3, 1)
})
