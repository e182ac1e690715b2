import fc from 'fast-check'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { colourTransform } from '../../../shared/images/colour/icc-profile.ts'
import { picture, sharpOf } from '../pictures.ts'
import { ADOBE_RGB, DISPLAY_P3, greyProfile, matrixProfile } from './matrix-profile.ts'

/** libvips' own, with tables of four inks (mft2). */
async function cmykProfile(): Promise<Uint8Array> {
  const inks = sharpOf(picture(8, 8, 3))
    .toColourspace('cmyk')
    .withIccProfile('cmyk')
  const { icc } = await sharp(await inks.jpeg().toBuffer()).metadata()
  return new Uint8Array(icc ?? [])
}

test('a damaged profile is followed or ignored, and never throws: any bytes set, any end cut off', async () => {
  const profiles = [
    [matrixProfile(DISPLAY_P3), 3],
    [matrixProfile(ADOBE_RGB), 3],
    [greyProfile({ type: 'gamma', values: [1.8] }), 1],
    [(await cmykProfile()).slice(0, 60_000), 4], // its perceptual table
  ] as const
  for (const [profile, channels] of profiles) expect(colourTransform(profile, channels)).toBeDefined()
  const change = fc.tuple(fc.nat(700), fc.nat(255))
  fc.assert(
    fc.property(fc.nat(3), fc.array(change, { maxLength: 5 }), fc.nat(300), (which, changes, cut) => {
      const [profile, channels] = profiles[which] ?? profiles[0]
      const damaged = profile.slice(0, profile.length - (cut > 150 ? cut - 150 : 0))
      for (const [at, value] of changes) damaged[at % damaged.length] = value
      const transform = colourTransform(damaged, channels)
      const pixels = new Uint8Array(3)
      transform?.convert(Uint8Array.of(1, 100, 200, 255), pixels, 1)
    }),
    { seed: 64, numRuns: 800 },
  )
}, 120_000)
