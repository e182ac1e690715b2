import { expect, test } from 'vitest'
import { decodeImage } from '../../../shared/images/decode-image.ts'
import { adobeSegment, type FlatBlockJpeg, flatBlockJpeg } from '../flat-block-jpeg.ts'
import { expectLikeSharp, limits } from '../like-sharp.ts'
import { type Picture, picture, sharpOf } from '../pictures.ts'

const SAME = [1, 1] as [number, number]
const JFIF_BODY = [...Buffer.from('JFIF\0'), 1, 2, 0, 0, 1, 0, 1, 0, 0]
const base = { width: 67, height: 41 }
const IDS = { '1 2 3': [1, 2, 3], '0 1 2': [0, 1, 2], RGB: [82, 71, 66], rgb: [114, 103, 98] }

for (const jfif of [false, true]) {
  for (const adobeTransform of [undefined, 0, 1]) {
    test(`JPEG colours with${jfif ? '' : 'out'} JFIF, Adobe transform ${adobeTransform}: libjpeg's, for all component ids`, async () => {
      for (const ids of Object.values(IDS)) {
        const jpeg = flatBlockJpeg({ ...base, sampling: [SAME, SAME, SAME], jfif, adobeTransform, ids })
        await expectLikeSharp(jpeg, 'image/jpeg', 2, 0.3, 0)
      }
    })
  }
}

test("JPEG colours: markers count up to the first scan, the last of Adobe's wins, short ones do not count", async () => {
  const kinds: Partial<FlatBlockJpeg>[] = [
    { beforeScan: [adobeSegment(0)] },
    { beforeScan: [[0xe0, JFIF_BODY]], ids: IDS.RGB },
    { beforeFrame: [adobeSegment(0), adobeSegment(1)] },
    { beforeFrame: [adobeSegment(1), adobeSegment(0)] },
    { beforeFrame: [[0xe0, JFIF_BODY.slice(0, 13)]], ids: IDS.RGB },
    { beforeFrame: [[0xee, [...Buffer.from('Adobe'), 0, 100, 0, 0, 0, 0]]] },
  ]
  for (const kind of kinds) {
    const jpeg = flatBlockJpeg({ ...base, sampling: [SAME, SAME, SAME], ...kind })
    await expectLikeSharp(jpeg, 'image/jpeg', 2, 0.3, 0)
  }
})

test("JPEG colours: an unknown transform of Adobe's is YCbCr, as libjpeg warns that it assumes", async () => {
  const of = async (adobeTransform: number) =>
    (
      await decodeImage(
        flatBlockJpeg({ ...base, sampling: [SAME, SAME, SAME], adobeTransform, ids: IDS.RGB }),
        'image/jpeg',
        { width: 8, height: 8, channels: 3 },
        limits,
      )
    ).samples
  expect(await of(2)).toEqual(await of(1))
  expect(await of(0)).not.toEqual(await of(1))
})

const INKS: [string, Partial<FlatBlockJpeg> & Pick<FlatBlockJpeg, 'sampling'>][] = [
  ['CMYK without markers', { sampling: [SAME, SAME, SAME, SAME] }],
  ["Adobe's CMYK", { sampling: [SAME, SAME, SAME, SAME], adobeTransform: 0 }],
  ["Adobe's CMYK with JFIF", { sampling: [SAME, SAME, SAME, SAME], adobeTransform: 0, jfif: true }],
  ['YCCK', { sampling: [SAME, SAME, SAME, SAME], adobeTransform: 2 }],
  ['YCCK, 4:2:0', { sampling: [[2, 2], SAME, SAME, [2, 2]], adobeTransform: 2 }],
]

for (const [name, kind] of INKS) {
  test(`JPEG, ${name}, without a profile: within two levels of sharp, at 67 x 41 and 520 x 515`, async () => {
    await expectLikeSharp(flatBlockJpeg({ ...base, ...kind }), 'image/jpeg', 2, 0.7)
    await expectLikeSharp(flatBlockJpeg({ width: 520, height: 515, ...kind }), 'image/jpeg', 2, 0.7)
  })
}

const PHOTOGRAPHS = [
  [90, 60],
  [700, 500],
] as const

/** As a print shop's: a picture of strong colours, in the inks that sharp's own profile takes for them. */
function vivid(width: number, height: number): Picture {
  const made = picture(width, height, 3)
  made.data.forEach((value, i) => {
    made.data[i] = Math.max(0, Math.min(255, 1.6 * value - 77))
  })
  return made
}

test('a CMYK photograph without its profile is within a level of sharp on average', async () => {
  for (const [width, height] of PHOTOGRAPHS) {
    const jpeg = await sharpOf(vivid(width, height)).toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer()
    await expectLikeSharp(jpeg, 'image/jpeg', 10, 0.9, 20)
  }
})

test('a CMYK photograph with its profile is within a level of sharp everywhere, at its own size', async () => {
  for (const [width, height] of PHOTOGRAPHS) {
    const inks = sharpOf(vivid(width, height)).toColourspace('cmyk').withIccProfile('cmyk')
    for (const quality of [75, 95, 100]) {
      const jpeg = await inks.clone().jpeg({ quality }).toBuffer()
      await expectLikeSharp(jpeg, 'image/jpeg', 2, 0.4, 1)
    }
  }
})
