import fc from 'fast-check'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { encodeTile } from '../../shared/images/webp/encode/encode-tile.ts'
import { encodeWebp } from '../../shared/images/webp/encode/encode-webp.ts'

/** A picture as smooth as previews are. [height, width, 4] */
function smooth(width: number, height: number, seed: number): Uint8Array {
  const rgba = new Uint8Array(width * height * 4).fill(255)
  for (let i = 0; i < width * height; i++) {
    const [u, v] = [(i % width) / width, Math.floor(i / width) / height]
    for (let c = 0; c < 3; c++)
      rgba[4 * i + c] = 128 + 70 * Math.sin(3 * u + seed + c) + 50 * Math.cos(4 * v + seed)
  }
  return rgba
}

async function decoded(webp: Uint8Array): Promise<{ width: number; height: number; rgba: Uint8Array }> {
  const { data, info } = await sharp(webp).ensureAlpha().raw().toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, rgba: data }
}

function psnrDb(a: Uint8Array, b: Uint8Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) if (i % 4 < 3) sum += (a[i] - b[i]) ** 2
  return 10 * Math.log10((255 * 255 * a.length * 0.75) / sum)
}

test('libwebp decodes it to nearly the picture, whatever its sides', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 8, max: 70 }),
      fc.integer({ min: 8, max: 70 }),
      fc.nat(9),
      async (width, height, seed) => {
        const rgba = smooth(width, height, seed)
        const back = await decoded(encodeWebp(rgba, width, height, 10))
        expect([back.width, back.height]).toEqual([width, height])
        expect(psnrDb(rgba, back.rgba)).toBeGreaterThan(22)
      },
    ),
    { numRuns: 60 },
  )
})

test('noise of every strength decodes too, at the finest and the coarsest quantizer', async () => {
  let state = 1
  const noise = (strength: number) =>
    Uint8Array.from({ length: 48 * 33 * 4 }, (_, i) => {
      if (i % 4 === 0) state = (Math.imul(state, 1664525) + 1013904223) >>> 0 // grey: chroma is halved
      return 128 + ((state >>> 24) - 128) * strength
    })
  for (const strength of [0, 0.1, 1])
    for (const quantizer of [0, 60, 127]) {
      const rgba = noise(strength)
      const back = await decoded(encodeWebp(rgba, 48, 33, quantizer))
      expect(back.width).toBe(48)
      if (quantizer === 0) expect(psnrDb(rgba, back.rgba)).toBeGreaterThan(30)
    }
})

test('a coarser quantizer gives fewer bytes and a worse picture', async () => {
  const rgba = smooth(64, 64, 1)
  const [fine, coarse] = [encodeWebp(rgba, 64, 64, 4), encodeWebp(rgba, 64, 64, 80)]
  expect(coarse.length).toBeLessThan(fine.length / 2)
  expect(psnrDb(rgba, (await decoded(coarse)).rgba)).toBeLessThan(psnrDb(rgba, (await decoded(fine)).rgba))
})

test('within a limit of bytes the finest WebP that fits is chosen, and none if none fits', async () => {
  const rgba = smooth(16, 11, 3)
  for (const maxBytes of [80, 120, 207])
    expect(encodeTile(rgba, 16, 11, maxBytes)!.length).toBeLessThanOrEqual(maxBytes)
  expect(encodeTile(rgba, 16, 11, 30)).toBeUndefined()
})

test('equal pictures give equal files', () => {
  expect(encodeWebp(smooth(40, 30, 5), 40, 30, 20)).toEqual(encodeWebp(smooth(40, 30, 5), 40, 30, 20))
})

test('a side of one pixel needs no special case', async () => {
  for (const [width, height] of [
    [1, 1],
    [1, 40],
    [40, 1],
    [16, 16],
    [17, 16],
  ] as const) {
    const back = await decoded(encodeWebp(smooth(width, height, 2), width, height, 30))
    expect([back.width, back.height]).toEqual([width, height])
  }
})

/** The lower right half of a picture of 16 x 16, the rest seen by `alpha`. */
function cornered(alpha: (i: number) => number): Uint8Array {
  const rgba = smooth(16, 16, 4)
  for (let i = 0; i < 256; i++) rgba[4 * i + 3] = (i % 16) + Math.floor(i / 16) < 14 ? alpha(i) : 255
  return rgba
}

test('transparent pixels stay transparent; in a tile of 16 pixels a side that takes 65 bytes', async () => {
  const rgba = cornered(() => 0)
  const webp = encodeTile(rgba, 16, 16, 1000, 20)!
  const back = await decoded(webp)
  for (let i = 0; i < 256; i++) expect(back.rgba[4 * i + 3]).toBe(rgba[4 * i + 3])
  const opaque = encodeTile(smooth(16, 16, 4), 16, 16, 1000, 20)!
  expect(webp.length - opaque.length).toBeLessThanOrEqual(66)
})

test('a whole WebP keeps each value of alpha', async () => {
  const rgba = cornered((i) => i)
  const back = await decoded(encodeWebp(rgba, 16, 16, 20))
  for (let i = 0; i < 256; i++) expect(back.rgba[4 * i + 3]).toBe(rgba[4 * i + 3])
})
