/** Rows of pictures for the report, made by the exported codec. */
import { compressBatch } from '../../shared/codec/codec.ts'
import type { Model } from '../../shared/codec/model.ts'
import { decode } from '../../shared/codec/transform.ts'
import { sampleCount } from '../../shared/manifest.ts'
import { toUnit } from '../batches.ts'
import { firstImages, type ImageSet } from '../data/images.ts'
import { corrupt } from '../objectives/corruption.ts'
import { purpose, Random } from '../random.ts'
import { corruptionOf, type RunSettings } from '../settings.ts'
import { errorStrip, strip } from './report-pictures.ts'

export interface StripRow {
  label: string
  image: string // data URL
}

const COLUMNS = 16
/** Levels shown: the coarsest, the finest, the default, and some between. */
const LEVELS = 6

/** Originals, the corrupted input if there is one, and reconstructions at several rate levels. */
export function reconstructionRows(model: Model, set: ImageSet, settings: RunSettings): StripRow[] {
  const { input } = model.manifest
  const originals = splitImages(firstImages(set, COLUMNS))
  const corruption = corruptionOf(settings.objective)
  const rows: StripRow[] = [{ label: 'original', image: strip(originals, input) }]
  let sent = originals
  if (corruption) {
    sent = originals.map((image, i) => {
      const unit = toUnit(image)
      corrupt(corruption, unit, new Random(settings.seed, purpose.corrupt, -2, i))
      return Uint8Array.from(Uint8ClampedArray.from(unit, (value) => value * 255))
    })
    rows.push({ label: `corrupted (${corruption.kind})`, image: strip(sent, input) })
  }
  for (const level of levelsShown(model)) {
    const decoded = compressBatch(model, sent, { level }).map(({ samples }) => samples)
    const { meanBytes, psnrDb } = model.manifest.levels[level]
    const isDefault = level === model.manifest.defaultLevel
    const name = isDefault ? `level ${level}, the default` : `level ${level}`
    rows.push({
      label: `${name}: ${meanBytes.toFixed(1)} bytes, ${psnrDb.toFixed(2)} dB`,
      image: strip(decoded, input),
    })
    if (isDefault) rows.push({ label: 'its error', image: errorStrip(originals, decoded, input) })
  }
  return rows
}

/** Finest first. */
function levelsShown({ manifest: { levels, defaultLevel } }: Model): number[] {
  const last = levels.length - 1
  const even = Array.from({ length: LEVELS - 1 }, (_, i) => Math.round((i * last) / (LEVELS - 2)))
  return [...new Set([...even, defaultLevel])].sort((a, b) => b - a)
}

/** From one image to another, straight through the latent space. latents: [n, latent] */
export function interpolationRows(model: Model, latents: Float32Array): StripRow[] {
  const { latent, input } = model.manifest
  const pairs = Math.min(4, Math.floor(latents.length / latent / 2))
  return Array.from({ length: pairs }, (_, pair) => {
    const at = (image: number, d: number) => latents[image * latent + d]
    const between = Array.from({ length: COLUMNS }, (_, column) => {
      const t = column / (COLUMNS - 1)
      return Float32Array.from(
        { length: latent },
        (_, d) => (1 - t) * at(2 * pair, d) + t * at(2 * pair + 1, d),
      )
    })
    return { label: '', image: strip(decode(model, between), input) }
  })
}

/** Decoded draws from a vae's prior. */
export function sampleRows(model: Model, seed: number): StripRow[] {
  const { latent, input } = model.manifest
  return Array.from({ length: 4 }, (_, row) => {
    const random = new Random(seed, purpose.noise, -1, row)
    const draws = Array.from({ length: COLUMNS }, () =>
      Float32Array.from({ length: latent }, () => random.normal()),
    )
    return { label: '', image: strip(decode(model, draws), input) }
  })
}

function splitImages({ samples, count, shape }: ImageSet): Uint8Array[] {
  const size = sampleCount(shape)
  return Array.from({ length: count }, (_, i) => samples.subarray(i * size, (i + 1) * size))
}
