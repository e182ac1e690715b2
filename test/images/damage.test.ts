import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { openImage } from '../../node/open-image.ts'
import { readImageHeader } from '../../shared/images/decode-image.ts'
import { ImageError } from '../../shared/images/errors.ts'
import type { ImageType } from '../../shared/images/image-type.ts'
import { withGoodChecksums } from '../fuzz/damage.ts'
import { decodesOrRefuses, limits } from './bounds/decodes-or-refuses.ts'
import { flatBlockJpeg } from './flat-block-jpeg.ts'
import { picture, sharpOf } from './pictures.ts'

interface File {
  type: ImageType
  bytes: Uint8Array
}
const files: File[] = []

beforeAll(async () => {
  const add = async (type: ImageType, bytes: Promise<Uint8Array>): Promise<void> => {
    files.push({ type, bytes: new Uint8Array(await bytes) })
  }
  await add(
    'image/png',
    sharpOf(picture(28, 28, 1))
      .png()
      .toBuffer(),
  )
  await add(
    'image/png',
    sharpOf(picture(61, 40, 4))
      .png({ progressive: true })
      .toBuffer(),
  )
  await add(
    'image/png',
    sharpOf(picture(200, 180, 3))
      .png()
      .toBuffer(),
  ) // inflated in steps
  await add(
    'image/png',
    sharpOf(picture(61, 40, 3))
      .png({ palette: true, colours: 16 })
      .toBuffer(),
  )
  await add(
    'image/jpeg',
    sharpOf(picture(61, 40, 3))
      .jpeg()
      .toBuffer(),
  )
  await add(
    'image/jpeg',
    sharpOf(picture(61, 40, 3))
      .jpeg({ progressive: true })
      .toBuffer(),
  )
  await add(
    'image/jpeg',
    sharpOf(picture(600, 400, 3))
      .jpeg({ progressive: true })
      .toBuffer(),
  )
  const factors: [number, number][] = [
    [2, 2],
    [1, 1],
    [1, 1],
  ]
  const restarting = { width: 70, height: 50, sampling: factors, restartInterval: 3 }
  await add('image/jpeg', Promise.resolve(flatBlockJpeg(restarting)))
  await add(
    'image/webp',
    sharpOf(picture(61, 40, 3))
      .webp()
      .toBuffer(),
  )
  await add(
    'image/webp',
    sharpOf(picture(61, 40, 4))
      .webp()
      .toBuffer(),
  )
  await add(
    'image/webp',
    sharpOf(picture(61, 40, 3))
      .webp({ lossless: true })
      .toBuffer(),
  )
})

/** A JPEG's end marker and a PNG's IEND, which hold nothing of the picture: without them the file is still whole. */
const endBytes = { 'image/jpeg': 2, 'image/png': 12, 'image/webp': 0 }

test('every file cut short, at every length, is an ImageError', async () => {
  for (const { type, bytes } of files) {
    const step = Math.ceil(bytes.length / 400)
    for (let length = 0; length < bytes.length; length += step) {
      if (length >= bytes.length - endBytes[type]) continue
      const whole = await decodesOrRefuses(bytes.slice(0, length), type)
      expect(whole, `${type} of ${bytes.length} bytes cut to ${length}`).toBe(false)
    }
  }
}, 120_000)

test('a PNG with any one byte of its header, palette or data altered is an ImageError: each has its CRC', async () => {
  const png = files[0].bytes
  const endAt = png.length - endBytes['image/png']
  const metadata = Buffer.from(png).indexOf('pHYs') // sharp writes it between header and data
  for (let at = 0; at < endAt; at++) {
    if (at >= metadata - 4 && at < metadata + 17) continue
    const damaged = png.slice()
    damaged[at] ^= 1 << (at % 8)
    expect(await decodesOrRefuses(damaged, 'image/png'), `byte ${at}`).toBe(false)
  }
})

test('files with bytes altered, removed, repeated or inserted never throw anything but ImageError', async () => {
  const change = fc.record({
    at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    kind: fc.constantFrom('set', 'flip', 'remove', 'repeat', 'insert'),
    value: fc.integer({ min: 0, max: 255 }),
  })
  const damage = fc.record({ file: fc.nat(), changes: fc.array(change, { minLength: 1, maxLength: 6 }) })
  await fc.assert(
    fc.asyncProperty(damage, async ({ file, changes }) => {
      const { type, bytes } = files[file % files.length]
      const damaged = [...bytes]
      for (const { at, kind, value } of changes) {
        const place = Math.floor(at * damaged.length)
        if (kind === 'set') damaged[place] = value
        else if (kind === 'flip') damaged[place] = (damaged[place] ?? 0) ^ (1 << (value & 7))
        else if (kind === 'remove') damaged.splice(place, 1 + (value & 15))
        else if (kind === 'repeat') damaged.splice(place, 0, ...damaged.slice(place, place + value))
        else damaged.splice(place, 0, value)
      }
      await decodesOrRefuses(repaired(Uint8Array.from(damaged), type), type)
    }),
    { numRuns: 1500, seed: 64 },
  )
}, 120_000)

function repaired(bytes: Uint8Array, type: ImageType): Uint8Array {
  return type === 'image/png' ? withGoodChecksums(bytes) : bytes
}

test('random bytes after a valid signature never throw anything but ImageError', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.uint8Array({ maxLength: 400 }), async (file, noise) => {
      const { type, bytes } = files[file % files.length]
      const keep = (file >> 8) % 60
      const made = new Uint8Array([...bytes.subarray(0, keep), ...noise])
      await decodesOrRefuses(made, type)
      try {
        readImageHeader(made, type, limits)
      } catch (error) {
        expect(error).toBeInstanceOf(ImageError)
      }
    }),
    { numRuns: 3000, seed: 64 },
  )
}, 120_000)

test('an empty file is said to be empty', async () => {
  await expect(openImage(new Uint8Array(0))).rejects.toThrow('the file is empty')
})
