/** The PNG specification (third edition) on palettes, transparency and what may be missing, at every bit depth. */
import { deflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { decodeImage } from '../../../shared/images/decode-image.ts'
import { ImageError } from '../../../shared/images/errors.ts'
import { expectLikeSharp, limits } from '../like-sharp.ts'
import { pngChunk } from '../with-metadata.ts'
import { packed, type RawPng, rawPng, SIGNATURE } from './raw-png.ts'

const [width, height] = [13, 7]
const size = { width, height }
const like = (png: RawPng) => expectLikeSharp(rawPng(png), 'image/png', 1, 1)
const decoded = async (png: Uint8Array) =>
  (await decodeImage(png, 'image/png', { ...size, channels: 3 }, limits)).samples
const refused = (png: RawPng) => expect(decoded(rawPng(png))).rejects.toThrow(ImageError)
const bytes = (count: number, factor: number) => Uint8Array.from({ length: count }, (_, i) => i * factor)
const damagedCrc = (chunk: Uint8Array) => chunk.map((byte, i) => (i === chunk.length - 1 ? byte ^ 1 : byte))

for (const bitDepth of [1, 2, 4, 8]) {
  const colours = 1 << bitDepth
  const samples = Array.from({ length: width * height }, (_, i) => (i * 7 + 3) % colours)
  const image = { ...size, bitDepth, colourType: 3, lines: packed(samples, width, bitDepth) }
  const palette = (count: number) => pngChunk('PLTE', bytes(3 * count, 37))
  const alphas = (count: number) => pngChunk('tRNS', bytes(count, 53))

  test(`PNG palette of ${bitDepth} bits: fewer or more colours than indices, fewer alphas than colours`, async () => {
    const half = Math.max(1, colours >> 1)
    await like({ ...image, before: [palette(colours)] })
    await like({ ...image, before: [palette(half)] }) // indices beyond it are opaque black
    await like({ ...image, before: [palette(half), alphas(half)] })
    await like({ ...image, before: [palette(colours), alphas(colours)] })
    await like({ ...image, before: [palette(colours), alphas(1)] })
    if (bitDepth < 8) await like({ ...image, before: [palette(colours + 1)] })
  })

  test(`PNG palette of ${bitDepth} bits: transparency that is misplaced or has an invalid length is ignored`, async () => {
    const opaque = await decoded(rawPng({ ...image, before: [palette(colours)] }))
    for (const chunks of [
      { before: [alphas(1), palette(colours)] },
      { before: [palette(colours), alphas(0)] },
      { before: [palette(colours), alphas(colours + 1)] },
      { before: [palette(colours)], behind: [alphas(1)] },
      { before: [palette(colours), damagedCrc(alphas(1))] },
    ]) {
      expect(await decoded(rawPng({ ...image, ...chunks }))).toEqual(opaque)
    }
    const first = await decoded(rawPng({ ...image, before: [palette(colours), alphas(1)] }))
    const twice = rawPng({ ...image, before: [palette(colours), alphas(1), alphas(colours)] })
    expect(await decoded(twice)).toEqual(first)
  })

  test(`PNG palette of ${bitDepth} bits: without a palette, with a damaged one or with two it is refused`, async () => {
    await refused(image)
    await refused({ ...image, behind: [palette(colours)] })
    await refused({ ...image, before: [palette(0)] })
    await refused({ ...image, before: [pngChunk('PLTE', bytes(7, 1))] })
    await refused({ ...image, before: [palette(colours), palette(colours)] })
    await refused({ ...image, before: [damagedCrc(palette(colours))] })
  })
}

const uint16 = (values: number[]) => Uint8Array.from(values.flatMap((value) => [value >> 8, value & 255]))

for (const [bitDepth, channels] of [
  [1, 1],
  [2, 1],
  [4, 1],
  [8, 1],
  [16, 1],
  [8, 3],
  [16, 3],
] as const) {
  test(`PNG of ${channels} x ${bitDepth} bits: one colour is transparent, its surplus bits are masked`, async () => {
    const samples = Array.from({ length: width * height * channels }, (_, i) =>
      bitDepth === 16
        ? (Math.floor(i / 6) * 7690 + 3 * i) & 65535
        : (Math.floor(i / 6) * 31 + i) % (1 << bitDepth),
    )
    const image = {
      ...size,
      bitDepth,
      colourType: channels === 1 ? 0 : 2,
      lines: packed(samples, width, bitDepth, channels),
    }
    const key = samples.slice(30, 30 + channels)
    await like({ ...image, before: [pngChunk('tRNS', uint16(key))] })
    const surplus = bitDepth === 16 ? 0 : 1 << bitDepth
    await like({ ...image, before: [pngChunk('tRNS', uint16(key.map((value) => value | surplus)))] })
    await like({ ...image, before: [pngChunk('tRNS', uint16([...key, 0]))] }) // of no length that fits: passed by
    await like({ ...image, before: [pngChunk('PLTE', bytes(4, 9))] }) // in an image without indices
  })
}

test('PNG with an alpha channel: a tRNS chunk is not allowed and is ignored', async () => {
  for (const bitDepth of [8, 16]) {
    for (const [colourType, channels] of [
      [4, 2],
      [6, 4],
    ] as const) {
      const samples = Array.from(
        { length: width * height * channels },
        (_, i) => (i * 977) & ((1 << bitDepth) - 1),
      )
      const image = { ...size, bitDepth, colourType, lines: packed(samples, width, bitDepth, channels) }
      await like(image)
      await like({ ...image, before: [pngChunk('tRNS', uint16(samples.slice(0, channels - 1)))] })
    }
  }
})

const lines = bytes(width * height, 7)
const grey = { ...size, bitDepth: 8, colourType: 0, lines }

test('PNG: a missing or damaged IEND, surplus data and damaged ancillary chunks change nothing', async () => {
  const whole = rawPng(grey)
  const expected = await decoded(whole)
  const text = pngChunk('tEXt', Buffer.from('Title\0digit'))
  const surplusLines = deflateSync(Buffer.concat([...lineBuffers(), Buffer.alloc(5 * (width + 1))]))
  const files = [
    rawPng({ ...grey, end: false }),
    ...[1, 4, 8, 11].map((cut) => whole.slice(0, -cut)),
    damagedCrc(whole),
    Uint8Array.from([...whole, 1, 2, 3]),
    rawPng({ ...grey, before: [damagedCrc(text)] }),
    rawPng({ ...grey, behind: [damagedCrc(text)], end: false }),
    rawPng({ ...grey, behind: [text.slice(0, -5)], end: false }),
    rawPng({ ...grey, pack: (stream) => [Uint8Array.from([...stream, 1, 2, 3, 4, 5])] }),
    rawPng({ ...grey, pack: (stream) => [stream, Uint8Array.of(1, 2, 3)] }),
    rawPng({ ...grey, pack: () => [surplusLines] }),
    rawPng({ ...grey, pack: (stream) => [...stream].map((byte) => Uint8Array.of(byte)) }),
  ]
  for (const file of files) expect(await decoded(file)).toEqual(expected)
})

function lineBuffers(): Buffer[] {
  return Array.from({ length: height }, (_, y) =>
    Buffer.concat([Buffer.of(0), lines.subarray(y * width, (y + 1) * width)]),
  )
}

test('PNG: too little data, data in two places, an unknown critical chunk and an unknown filter are refused', async () => {
  const short = deflateSync(Buffer.concat(lineBuffers().slice(1)))
  const stream = deflateSync(Buffer.concat(lineBuffers()))
  const text = pngChunk('tEXt', Buffer.from('Title\0digit'))
  const [head, tail] = [stream.subarray(0, 20), stream.subarray(20)]
  await refused({ ...grey, pack: () => [short] })
  await refused({ ...grey, pack: () => [head], behind: [text, pngChunk('IDAT', tail)] })
  await refused({ ...grey, before: [pngChunk('ABCD', bytes(4, 1))] })
  await refused({ ...grey, pack: () => [deflateSync(Buffer.alloc((width + 1) * height, 5))] })
  const [signature, header] = [SIGNATURE.length, 25]
  const damagedHeader = rawPng(grey)
  damagedHeader[signature + header - 1] = (damagedHeader[signature + header - 1] ?? 0) ^ 1
  await expect(decoded(damagedHeader)).rejects.toThrow('IHDR')
})

test('PNG orientation: the first EXIF chunk before the data counts, unless it is damaged', async () => {
  const exif = (orientation: number) => {
    const block = Buffer.from('II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\0\0\0\0\0\0\0\0', 'latin1')
    block[18] = orientation
    return pngChunk('eXIf', block)
  }
  await like({ ...grey, before: [exif(6), exif(3)] })
  await like({ ...grey, before: [exif(3), exif(6)] })
  await like({ ...grey, behind: [exif(6)] })
  expect(await decoded(rawPng({ ...grey, before: [damagedCrc(exif(6))] }))).toEqual(
    await decoded(rawPng(grey)),
  )
})
