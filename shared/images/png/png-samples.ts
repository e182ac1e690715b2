/** A PNG scanline, of any of PNG's fifteen kinds -> 8-bit grey or RGB, and alpha if there is any. */
import type { ColourTransform } from '../colour/colour-transform.ts'
import { putOnWhite } from '../put-on-white.ts'
import type { PngChunks } from './png-chunks.ts'

export interface SampleReader {
  /** Bits per pixel in the scanline. */
  pixelBits: number
  channels: 1 | 3
  hasAlpha: boolean
  /** A palette's colours are on white already. */
  isOnWhite?: boolean
  /** line: the unfiltered scanline without its filter byte; pixels: [width, channels]; alphas: [width] if it has any */
  read(line: Uint8Array, pixels: Uint8Array, alphas: Uint8Array, width: number): void
}

/** Pixels are in the file's own colours, except those of a palette. */
export function sampleReader(chunks: PngChunks, toSrgb: ColourTransform | undefined): SampleReader {
  const { bitDepth, colourType } = chunks.header
  if (colourType === 3) return paletteReader(chunks, toSrgb)
  const channels = colourType & 2 ? 3 : 1
  if (colourType & 4) return bitDepth === 8 ? alphaReader8(channels) : alphaReader16(channels)
  const key = chunks.transparency && colourKey(chunks.transparency, bitDepth)
  if (bitDepth === 8) return reader8(channels, key)
  return bitDepth === 16 ? reader16(channels, key) : narrowReader(bitDepth, key)
}

/** The one transparent colour, with as many bits per channel as the image; the tRNS chunk's other bits are masked. */
function colourKey(transparency: Uint8Array, bitDepth: number): number[] {
  const view = new DataView(transparency.buffer, transparency.byteOffset, transparency.byteLength)
  const mask = (1 << bitDepth) - 1
  return Array.from({ length: transparency.length / 2 }, (_, c) => view.getUint16(2 * c) & mask)
}

/** 16 bits to 8, rounded: round(sample / 257) */
function to8Bits(sample: number): number {
  return (sample * 255 + 32895) >>> 16
}

function reader8(channels: 1 | 3, key: number[] | undefined): SampleReader {
  return {
    pixelBits: 8 * channels,
    channels,
    hasAlpha: key !== undefined,
    read(line, pixels, alphas, width) {
      pixels.set(line.subarray(0, width * channels))
      if (key) keyAlphas(line, alphas, width, key)
    },
  }
}

function reader16(channels: 1 | 3, key: number[] | undefined): SampleReader {
  const stored = new Uint16Array(channels)
  return {
    pixelBits: 16 * channels,
    channels,
    hasAlpha: key !== undefined,
    read(line, pixels, alphas, width) {
      for (let x = 0, i = 0; x < width; x++) {
        for (let c = 0; c < channels; c++, i++) {
          const sample = ((line[2 * i] ?? 0) << 8) | (line[2 * i + 1] ?? 0)
          stored[c] = sample
          pixels[i] = to8Bits(sample)
        }
        if (key) alphas[x] = key.every((value, c) => stored[c] === value) ? 0 : 255
      }
    },
  }
}

function keyAlphas(line: Uint8Array, alphas: Uint8Array, width: number, key: number[]): void {
  for (let x = 0; x < width; x++) {
    alphas[x] = key.every((value, c) => line[x * key.length + c] === value) ? 0 : 255
  }
}

function alphaReader8(channels: 1 | 3): SampleReader {
  return {
    pixelBits: 8 * (channels + 1),
    channels,
    hasAlpha: true,
    read(line, pixels, alphas, width) {
      for (let x = 0, from = 0, to = 0; x < width; x++) {
        pixels[to++] = line[from++]
        if (channels === 3) {
          pixels[to++] = line[from++]
          pixels[to++] = line[from++]
        }
        alphas[x] = line[from++]
      }
    },
  }
}

function alphaReader16(channels: 1 | 3): SampleReader {
  const sample = (line: Uint8Array, at: number): number =>
    to8Bits(((line[at] ?? 0) << 8) | (line[at + 1] ?? 0))
  return {
    pixelBits: 16 * (channels + 1),
    channels,
    hasAlpha: true,
    read(line, pixels, alphas, width) {
      for (let x = 0, from = 0, to = 0; x < width; x++, from += 2) {
        for (let c = 0; c < channels; c++, from += 2) pixels[to++] = sample(line, from)
        alphas[x] = sample(line, from)
      }
    },
  }
}

/** Packed samples of 1, 2, 4 or 8 bits, leftmost in the high bits. */
function unpack(line: Uint8Array, x: number, bits: number): number {
  const perByte = 8 / bits
  const shift = 8 - bits * ((x % perByte) + 1)
  return ((line[Math.floor(x / perByte)] ?? 0) >> shift) & ((1 << bits) - 1)
}

function narrowReader(bits: number, key: number[] | undefined): SampleReader {
  const scale = 255 / ((1 << bits) - 1)
  return {
    pixelBits: bits,
    channels: 1,
    hasAlpha: key !== undefined,
    read(line, pixels, alphas, width) {
      for (let x = 0; x < width; x++) {
        const value = unpack(line, x, bits)
        pixels[x] = value * scale
        if (key) alphas[x] = value === key[0] ? 0 : 255
      }
    },
  }
}

/** An index beyond the palette is opaque black: the specification's rule since its third edition, and libpng's. */
function paletteReader(chunks: PngChunks, toSrgb: ColourTransform | undefined): SampleReader {
  const { palette = new Uint8Array(3), transparency, header } = chunks
  const count = palette.length / 3
  const colours = new Uint8Array(256 * 3)
  colours.set(palette)
  toSrgb?.convert(colours, colours, count)
  const opacities = new Uint8Array(256).fill(255)
  if (transparency) opacities.set(transparency)
  putOnWhite(colours, opacities, count, 3)
  return {
    pixelBits: header.bitDepth,
    channels: 3,
    hasAlpha: transparency !== undefined,
    isOnWhite: true,
    read(line, pixels, alphas, width) {
      for (let x = 0, to = 0; x < width; x++) {
        const index = unpack(line, x, header.bitDepth)
        const from = 3 * index
        alphas[x] = opacities[index]
        pixels[to++] = colours[from] ?? 0
        pixels[to++] = colours[from + 1] ?? 0
        pixels[to++] = colours[from + 2] ?? 0
      }
    },
  }
}
