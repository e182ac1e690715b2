/** Files to measure with: pictures with a photograph's frequencies, in sizes that are common in buckets. */
import sharp, { type Sharp } from 'sharp'
import { Random } from '../../train/random.ts'

export interface BulkFormat {
  name: string
  pixels: number
  files: Uint8Array[]
}

const FILES_A_FORMAT = 4

interface Recipe {
  name: string
  width: number
  height: number
  encode(picture: Sharp): Sharp
}

const recipes: Recipe[] = [
  { name: 'JPEG, 12 megapixels', width: 4000, height: 3000, encode: (p) => p.jpeg({ quality: 85 }) },
  {
    ...{ name: 'JPEG, 12 megapixels, progressive', width: 4000, height: 3000 },
    encode: (p) => p.jpeg({ quality: 85, progressive: true }),
  },
  { name: 'JPEG, 1 megapixel', width: 1200, height: 800, encode: (p) => p.jpeg({ quality: 85 }) },
  { name: 'PNG, 1 megapixel', width: 1200, height: 800, encode: (p) => p.png() },
  { name: 'PNG, 256 x 256', width: 256, height: 256, encode: (p) => p.png() },
  { name: 'WebP, 1 megapixel', width: 1200, height: 800, encode: (p) => p.webp({ quality: 80 }) },
  { name: 'WebP lossless, 1 megapixel', width: 1200, height: 800, encode: (p) => p.webp({ lossless: true }) },
]

export async function bulkFormats(only: string): Promise<BulkFormat[]> {
  const formats: BulkFormat[] = []
  for (const { name, width, height, encode } of recipes.filter((recipe) => recipe.name.includes(only))) {
    const files: Uint8Array[] = []
    for (let seed = 1; seed <= FILES_A_FORMAT; seed++)
      files.push(new Uint8Array(await encode(await photograph(width, height, seed)).toBuffer()))
    formats.push({ name, pixels: width * height, files })
  }
  return formats
}

const COARSE_SIDE = 512
const FIRST_OCTAVE = 4
const FINE_NOISE = 14 // a sensor's, in steps of a sample

/** Noise of all scales, each octave half as strong (1 / f, the spectrum of photographs), enlarged, with a fine grain. */
async function photograph(width: number, height: number, seed: number): Promise<Sharp> {
  const random = new Random(seed)
  const coarse = new Float32Array(COARSE_SIDE * COARSE_SIDE * 3).fill(128)
  for (let side = FIRST_OCTAVE, amplitude = 90; side <= COARSE_SIDE; side *= 2, amplitude *= 0.55) {
    const noise = Uint8Array.from({ length: side * side * 3 }, () => random.integer(256))
    const octave = await enlarged(noise, side, side, COARSE_SIDE, COARSE_SIDE)
    for (let i = 0; i < coarse.length; i++) coarse[i] += amplitude * (octave[i] / 128 - 1)
  }
  const samples = await enlarged(Uint8ClampedArray.from(coarse), COARSE_SIDE, COARSE_SIDE, width, height)
  const grain = Int8Array.from({ length: 65_521 }, () => random.integer(2 * FINE_NOISE + 1) - FINE_NOISE) // a prime
  for (let i = 0; i < samples.length; i++)
    samples[i] = Math.max(0, Math.min(255, samples[i] + grain[i % grain.length]))
  return sharp(samples, { raw: { width, height, channels: 3 } })
}

function enlarged(
  samples: Uint8Array | Uint8ClampedArray,
  fromWidth: number,
  fromHeight: number,
  width: number,
  height: number,
): Promise<Buffer> {
  const raw = { width: fromWidth, height: fromHeight, channels: 3 } as const
  return sharp(samples, { raw }).resize(width, height, { fit: 'fill', kernel: 'cubic' }).raw().toBuffer()
}
