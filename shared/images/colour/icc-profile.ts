/**
 * From an embedded ICC profile to sRGB: profiles of a matrix and curves (Display P3, Adobe RGB, ProPhoto, cameras), of
 * a grey curve, or of a table (print, scanners). The colorimetric steps are those of Little CMS, which sharp uses: no
 * chromatic adaptation but the profile's own, and colours outside sRGB are clamped.
 */
import type { ColourTransform } from './colour-transform.ts'
import { type Curve, fixed16, type IccFile, readCurve, readIccFile } from './icc-file.ts'
import { tableTransform } from './icc-table.ts'
import { decodeSrgb, encodeSrgb, luminanceOf, SRGB_OF_XYZ } from './srgb.ts'

const SPACES = { 1: 'GRAY', 3: 'RGB ', 4: 'CMYK' } as const
const LEVELS = Array.from({ length: 256 }, (_, value) => value / 255)

/**
 * Undefined if the samples can be taken as sRGB: for profiles of sRGB itself, which change nothing by more than a
 * level, and for those that other readers ignore too, because they are damaged or have another number of channels.
 */
export function colourTransform(profile: Uint8Array, channels: 1 | 3 | 4): ColourTransform | undefined {
  try {
    const file = readIccFile(profile)
    if (file?.colourSpace !== SPACES[channels]) return undefined
    const transform =
      channels === 1 ? greyTransform(file) : (tableTransform(file, channels) ?? matrixTransform(file))
    return transform && !isIdentity(transform) ? transform : undefined
  } catch (error) {
    if (error instanceof RangeError) return undefined // the profile is cut short
    throw error
  }
}

function curveOf({ view, tags }: IccFile, tag: string): Curve | undefined {
  const at = tags.get(tag)
  return at === undefined ? undefined : readCurve(view, at)?.curve
}

function greyTransform(file: IccFile): ColourTransform | undefined {
  const curve = curveOf(file, 'kTRC')
  if (!curve) return undefined
  const isLab = file.connectionSpace === 'Lab ' // then the curve gives lightness
  const levels = Uint8Array.from(LEVELS, (level) =>
    encodeSrgb(isLab ? luminanceOf(100 * curve(level)) : curve(level)),
  )
  return {
    from: 1,
    to: 1,
    pixelWork: 0.1,
    convert(stored, pixels, count) {
      for (let i = 0; i < count; i++) pixels[i] = levels[stored[i] ?? 0] ?? 0
    },
  }
}

function matrixTransform(file: IccFile): ColourTransform | undefined {
  const channels = ['r', 'g', 'b'].map((channel) => {
    return { primary: readXyz(file, `${channel}XYZ`), curve: curveOf(file, `${channel}TRC`) }
  })
  const known = channels.filter((channel): channel is Channel => Boolean(channel.primary && channel.curve))
  return file.connectionSpace === 'XYZ ' && known.length === 3 ? matrixOf(known) : undefined
}

/** PNG can say in two numbers what usually takes a profile. Primaries are adapted to D50 by Bradford's method. */
export function displayP3(): ColourTransform {
  const primaries = [
    [0.515102, 0.241182, -0.001053],
    [0.291965, 0.692236, 0.041882],
    [0.157153, 0.066582, 0.784378],
  ] as const
  return matrixOf(primaries.map((primary) => ({ primary, curve: decodeSrgb })))
}

interface Channel {
  primary: readonly [x: number, y: number, z: number]
  curve: Curve
}

/** linear sRGB = (sRGB of XYZ) (XYZ of the primaries) (the channels' curves) */
function matrixOf(channels: Channel[]): ColourTransform {
  const weights = new Float64Array(9) // [sRGB channel, the file's channel]
  channels.forEach(({ primary: [x, y, z] }, c) => {
    SRGB_OF_XYZ.forEach(([ofX, ofY, ofZ], row) => {
      weights[3 * row + c] = ofX * x + ofY * y + ofZ * z
    })
  })
  const linear = channels.map(({ curve }) => Float64Array.from(LEVELS, curve))
  return { from: 3, to: 3, pixelWork: 2.5, convert: matrixConversion(linear, weights) }
}

function matrixConversion(linear: Float64Array[], weights: Float64Array): ColourTransform['convert'] {
  const [reds, greens, blues] = linear as [Float64Array, Float64Array, Float64Array]
  const [rr = 0, rg = 0, rb = 0, gr = 0, gg = 0, gb = 0, br = 0, bg = 0, bb = 0] = weights
  return (stored, pixels, count) => {
    for (let at = 0; at < 3 * count; at += 3) {
      const red = reds[stored[at] ?? 0] ?? 0
      const green = greens[stored[at + 1] ?? 0] ?? 0
      const blue = blues[stored[at + 2] ?? 0] ?? 0
      pixels[at] = encodeSrgb(rr * red + rg * green + rb * blue)
      pixels[at + 1] = encodeSrgb(gr * red + gg * green + gb * blue)
      pixels[at + 2] = encodeSrgb(br * red + bg * green + bb * blue)
    }
  }
}

function readXyz({ view, tags }: IccFile, tag: string): Channel['primary'] | undefined {
  const at = tags.get(tag)
  return at === undefined
    ? undefined
    : [fixed16(view, at + 8), fixed16(view, at + 12), fixed16(view, at + 16)]
}

/** Checked at the corners, on the edges and inside the colour cube. */
function isIdentity({ from, to, convert }: ColourTransform): boolean {
  if (from !== to) return false
  const levels = [0, 1, 8, 32, 64, 96, 128, 160, 192, 224, 255]
  const colours =
    from === 1 ? levels : levels.flatMap((r) => levels.flatMap((g) => levels.flatMap((b) => [r, g, b])))
  const stored = Uint8Array.from(colours)
  const pixels = new Uint8Array(stored.length)
  convert(stored, pixels, stored.length / from)
  return pixels.every((value, i) => Math.abs(value - (stored[i] ?? 0)) <= 1)
}
