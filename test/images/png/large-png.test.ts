/** A PNG that would take too long is averaged over every other row. */
import { expect, test } from 'vitest'
import { decodeImage } from '../../../shared/images/decode-image.ts'
import { WorkBudget } from '../../../shared/images/limits.ts'
import { areaAverage } from '../../../shared/images/resize.ts'
import { limits } from '../like-sharp.ts'
import { picture, rgbBySharp, sharpOf } from '../pictures.ts'

const SIDE = 2900
const SMALL = { height: 32, width: 32, channels: 3 } as const
const LARGER = { height: 400, width: 400, channels: 3 } as const

const files = await Promise.all(
  [false, true].map(async (progressive) => {
    const image = sharpOf(picture(SIDE / 10, SIDE / 10, 4)).resize(SIDE)
    return new Uint8Array(await image.png({ progressive }).toBuffer())
  }),
)

async function decode(bytes: Uint8Array, shape: typeof SMALL | typeof LARGER) {
  const work = new WorkBudget(1e9)
  const { samples } = await decodeImage(bytes, 'image/png', shape, { ...limits, work })
  return { samples, units: work.total - work.left }
}

test('large PNGs, interlaced or not, become what sharp’s pixels do to within two levels', async () => {
  for (const file of files) {
    const { data, width, height } = await rgbBySharp(file)
    const expected = areaAverage(data, { width, height, channels: 3 }, SMALL)
    const { samples } = await decode(file, SMALL)
    const off = samples.map((sample, i) => Math.abs(sample - expected[i]))
    expect(Math.max(...off)).toBeLessThanOrEqual(2)
  }
})

test('they take less work if they are made small, and an interlaced one still less', async () => {
  const [plain, interlaced] = files
  expect((await decode(plain, SMALL)).units).toBeLessThan(0.95 * (await decode(plain, LARGER)).units)
  expect((await decode(interlaced, SMALL)).units).toBeLessThan(
    0.85 * (await decode(interlaced, LARGER)).units,
  )
})
