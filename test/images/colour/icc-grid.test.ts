import { expect, test } from 'vitest'
import { gridTransform } from '../../../shared/images/colour/icc-grid.ts'
import type { Stage } from '../../../shared/images/colour/icc-stages.ts'
import { writeSrgbOfXyz } from '../../../shared/images/colour/srgb.ts'

/** A press of no ink gain: each ink takes its part of X, Y or Z, and black of all. */
const press: Stage = (inks, xyz) => {
  const [c = 0, m = 0, y = 0, k = 0] = inks
  xyz[0] = 0.9642 * (1 - 0.9 * c) * (1 - k)
  xyz[1] = (1 - 0.8 * m) * (1 - k)
  xyz[2] = 0.8249 * (1 - 0.9 * y) * (1 - k)
}

function rgbOf(stored: number[]): number[] {
  const pixels = new Uint8Array((stored.length / 4) * 3)
  gridTransform(press).convert(Uint8Array.from(stored), pixels, stored.length / 4)
  return [...pixels]
}

test('full inks and bare paper, in all their combinations, are the colours of the profile itself', () => {
  for (let corner = 0; corner < 16; corner++) {
    const inks = [0, 1, 2, 3].map((axis) => (corner >> axis) & 1)
    const xyz = new Float64Array(4)
    press(Float64Array.from(inks), xyz)
    const exact = new Uint8Array(3)
    writeSrgbOfXyz(xyz[0] ?? 0, xyz[1] ?? 0, xyz[2] ?? 0, exact, 0)
    expect(rgbOf(inks.map((ink) => 255 * (1 - ink)))).toEqual([...exact])
  }
})

test('a colour does not depend on those converted before it, whose nodes it may share', () => {
  const colours = Array.from({ length: 300 }, (_, i) =>
    [i * 37, i * 91, i * 53, i * 17].map((ink) => ink & 255),
  )
  expect(rgbOf(colours.flat())).toEqual(colours.flatMap(rgbOf))
})

test('the work of nodes is eight a pixel for a few pixels, and never more than all nodes', () => {
  const { sharedWork = () => 0 } = gridTransform(press)
  expect(sharedWork(1)).toBe(sharedWork(1000) / 1000)
  expect(sharedWork(1e9)).toBe(sharedWork(17 ** 4))
  expect(sharedWork(1e9)).toBeLessThan(6e6)
})
