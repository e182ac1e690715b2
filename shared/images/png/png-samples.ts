/** From a PNG scanline, in any of PNG's fifteen kinds, to 8-bit grey or RGB with transparency put on white. */
import { ImageError } from '../errors.ts'
import type { PngChunks } from './png-chunks.ts'

export interface SampleReader {
  /** Bits a pixel in the scanline. */
  pixelBits: number
  channels: 1 | 3
  /** line: the unfiltered scanline without its filter byte; pixels: [width, channels] */
  read(line: Uint8Array, pixels: Uint8Array, width: number): void
}

/** `value` seen through `alpha` (0 to 255) on white, mixed in sRGB values as browsers do. */
export function onWhite(value: number, alpha: number): number {
  return Math.floor((value * alpha + 255 * (255 - alpha) + 127) / 255)
}

export function sampleReader({ header, palette, transparency }: PngChunks): SampleReader {
  const { bitDepth, colourType } = header
  if (colourType === 3) return paletteReader(bitDepth, palette!, transparency)
  const colours = colourType & 2 ? 3 : 1
  if (colourType & 4) return alphaReader(bitDepth / 8, colours)
  const key = readColourKey(transparency, colours)
  if (bitDepth < 8) return narrowGreyReader(bitDepth, key?.[0])
  return key ? keyedReader(bitDepth / 8, colours, key) : opaqueReader(bitDepth / 8, colours)
}

/** 16 bits to 8, rounded: round(sample / 257) */
function to8Bits(high: number, low: number): number {
  return (((high << 8) | low) * 255 + 32895) >>> 16
}

function opaqueReader(bytes: number, channels: 1 | 3): SampleReader {
  const read8 = (line: Uint8Array, pixels: Uint8Array): void => {
    for (let i = 0; i < pixels.length; i++) pixels[i] = line[i]!
  }
  const read16 = (line: Uint8Array, pixels: Uint8Array): void => {
    for (let i = 0; i < pixels.length; i++) pixels[i] = to8Bits(line[2 * i]!, line[2 * i + 1]!)
  }
  return { pixelBits: 8 * bytes * channels, channels, read: bytes === 1 ? read8 : read16 }
}

function alphaReader(bytes: number, channels: 1 | 3): SampleReader {
  const stride = bytes * (channels + 1)
  const read = (line: Uint8Array, pixels: Uint8Array, width: number): void => {
    const sample = bytes === 1 ? (at: number) => line[at]! : (at: number) => to8Bits(line[at]!, line[at + 1]!)
    for (let x = 0, from = 0, to = 0; x < width; x++, from += stride) {
      const alpha = sample(from + stride - bytes)
      for (let c = 0; c < channels; c++) pixels[to++] = onWhite(sample(from + c * bytes), alpha)
    }
  }
  return { pixelBits: 8 * stride, channels, read }
}

/** The one colour, as stored (16 bits a channel), that tRNS declares transparent. */
function readColourKey(transparency: Uint8Array | undefined, channels: number): number[] | undefined {
  if (!transparency) return undefined
  if (transparency.length !== 2 * channels) {
    throw new ImageError(`expected ${2 * channels} bytes of transparency (tRNS), got ${transparency.length}`)
  }
  return Array.from({ length: channels }, (_, c) => (transparency[2 * c]! << 8) | transparency[2 * c + 1]!)
}

function keyedReader(bytes: number, channels: 1 | 3, key: number[]): SampleReader {
  const read = (line: Uint8Array, pixels: Uint8Array, width: number): void => {
    const stored = (i: number): number => (bytes === 1 ? line[i]! : (line[2 * i]! << 8) | line[2 * i + 1]!)
    for (let x = 0, i = 0; x < width; x++) {
      let matches = true
      for (let c = 0; c < channels; c++) matches = matches && stored(i + c) === key[c]
      for (let c = 0; c < channels; c++, i++) {
        if (matches) pixels[i] = 255
        else pixels[i] = bytes === 1 ? line[i]! : to8Bits(line[2 * i]!, line[2 * i + 1]!)
      }
    }
  }
  return { pixelBits: 8 * bytes * channels, channels, read }
}

/** Packed samples of 1, 2 or 4 bits, leftmost in the high bits. */
function unpack(line: Uint8Array, x: number, bits: number): number {
  const perByte = 8 / bits
  const shift = 8 - bits * ((x % perByte) + 1)
  return (line[Math.floor(x / perByte)]! >> shift) & ((1 << bits) - 1)
}

function narrowGreyReader(bits: number, key: number | undefined): SampleReader {
  const scale = 255 / ((1 << bits) - 1)
  const read = (line: Uint8Array, pixels: Uint8Array, width: number): void => {
    for (let x = 0; x < width; x++) {
      const value = unpack(line, x, bits)
      pixels[x] = value === key ? 255 : value * scale
    }
  }
  return { pixelBits: bits, channels: 1, read }
}

function paletteReader(bits: number, palette: Uint8Array, alphas: Uint8Array | undefined): SampleReader {
  const colours = palette.map((value, i) => onWhite(value, alphas?.[Math.floor(i / 3)] ?? 255))
  const read = (line: Uint8Array, pixels: Uint8Array, width: number): void => {
    for (let x = 0, to = 0; x < width; x++) {
      const from = 3 * (bits === 8 ? line[x]! : unpack(line, x, bits))
      if (from >= colours.length) {
        throw new ImageError(`the PNG uses colour ${from / 3} of a palette of ${colours.length / 3}`)
      }
      pixels[to++] = colours[from]!
      pixels[to++] = colours[from + 1]!
      pixels[to++] = colours[from + 2]!
    }
  }
  return { pixelBits: bits, channels: 3, read }
}
