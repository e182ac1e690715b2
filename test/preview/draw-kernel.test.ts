import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { drawWasmPath } from '../../node/installed-files.ts'
import { drawPlanes, type Plane } from '../../shared/preview/draw.ts'
import { drawPlanesFast, provideDrawKernel } from '../../shared/preview/kernel/draw-kernel.ts'

provideDrawKernel(() => new WebAssembly.Module(readFileSync(drawWasmPath)))

const coefficient = fc.oneof(fc.integer({ min: -40_000, max: 40_000 }), fc.integer())

const planeOf = (band: number): fc.Arbitrary<Plane> =>
  fc
    .array(coefficient, { minLength: (band * (band + 1)) / 2, maxLength: (band * (band + 1)) / 2 })
    .map((values) => ({ band, coefficients: Int32Array.from(values) }))

test('the kernel draws the pixels that JavaScript draws, at any size, whatever the coefficients', () => {
  const sides = fc.integer({ min: 1, max: 70 })
  const planes = fc.tuple(planeOf(16), planeOf(10), planeOf(10))
  fc.assert(
    fc.property(planes, sides, sides, (planes, width, height) => {
      expect(drawPlanesFast(planes, width, height)).toEqual(drawPlanes(planes, width, height))
    }),
  )
})
