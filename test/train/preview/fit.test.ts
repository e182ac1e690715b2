/** At export: two numbers a component and dimension, from latents whose distribution is known. */
import { beforeAll, expect, test } from 'vitest'
import type { Level } from '../../../shared/manifest.ts'
import type { PreviewParameters } from '../../../shared/preview/parameters.ts'
import { power } from '../../../shared/preview/symbols.ts'
import { fitDistributions, templateOf } from '../../../train/export/preview/preview-fit.ts'
import { Random } from '../../../train/random.ts'

const [LATENTS, IMAGES, LEVELS] = [4, 1500, 20]
/** In coarsest steps. */
const SPREADS = [8, 3, 1, 0.3]
const MEANS = [2, -1, 0, 0]

const levels: Level[] = Array.from({ length: LEVELS }, (_, level) => ({
  steps: new Array(LATENTS).fill(power(level) / power(0)),
  distortionBits: new Array(LATENTS).fill(1),
  ...{ lambdaBits: 1, meanBytes: 0, psnrDb: 0, costLimitBits: 0 },
}))

const fresh = (): PreviewParameters => ({
  ...{ latents: LATENTS, components: 1, lumaBand: 1, chromaBand: 1, levels: LEVELS, coefficients: 3 },
  ...{ weights: new Int8Array(3 * LATENTS), shifts: new Uint8Array(LATENTS), bias: new Int16Array(3) },
  componentShares: new Uint8Array(1).fill(1),
  levelShares: new Uint8Array(LEVELS).fill(1),
  errorShares: new Uint8Array(16).fill(16),
  ...{ locations: new Int8Array(LATENTS), scales: new Uint8Array(LATENTS), template: templateOf(0) },
})

let latents: Float32Array
beforeAll(() => {
  const random = new Random(2)
  latents = Float32Array.from(
    { length: IMAGES * LATENTS },
    (_, i) => MEANS[i % LATENTS] + SPREADS[i % LATENTS] * random.normal(),
  )
})

test('wide dimensions get large scales, narrow ones small, and locations lie at the means', () => {
  const parameters = fresh()
  const bits = fitDistributions(parameters, { latents, levels })
  const { scales, locations } = parameters
  for (let d = 1; d < LATENTS; d++) expect(scales[d]).toBeLessThan(scales[d - 1])
  // a spread 8 / 3 times as wide is 1.4 octaves, in quarters
  expect(Math.abs(scales[0] - scales[1] - 4 * Math.log2(8 / 3))).toBeLessThanOrEqual(2)
  expect(Math.abs(locations[0] / 16 - MEANS[0])).toBeLessThan(1)
  expect(Math.abs(locations[1] / 16 - MEANS[1])).toBeLessThan(0.5)
  expect(bits).toBeGreaterThan(0)
})

test('images of two kinds are told apart, in fewer bits than one component takes', () => {
  const two = latents.map((value, i) => (Math.floor(i / LATENTS) % 2 === 0 ? value / 3 + 5 : value / 3 - 5))
  const one = fitDistributions(fresh(), { latents: two, levels })
  const components = 4
  const mixture = {
    ...fresh(),
    ...{ components, componentShares: new Uint8Array(components).fill(64) },
    ...{ locations: new Int8Array(components * LATENTS), scales: new Uint8Array(components * LATENTS) },
  }
  expect(fitDistributions(mixture, { latents: two, levels })).toBeLessThan(one - 2)
  const kinds = mixture.componentShares.reduce(
    (sums, share, component) => {
      sums[mixture.locations[component * LATENTS + 3] > 0 ? 0 : 1] += share
      return sums
    },
    [0, 0],
  )
  for (const share of kinds) expect(Math.abs(share - 128)).toBeLessThan(16)
})
