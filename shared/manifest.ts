/** What a model directory holds: manifest.json, tables.bin, encoder/, decoder/ (tfjs layers format), record.json. */
import * as v from 'valibot'
import type { LayersFile } from './network/layers/layers-file.ts'

export interface ImageShape {
  height: number
  width: number
  channels: 1 | 3
}

export const sampleCount = ({ height, width, channels }: ImageShape) => height * width * channels

/**
 * The format of a model directory. 1 had uniform quantizers; 2 had tables that had to be unpacked, and weights on an
 * affine scale.
 */
export const FORMAT = 3

const side = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(4096))
const positive = v.pipe(v.number(), v.finite(), v.minValue(0))

const levelEntries = {
  /** The quantization step for each latent dimension: what trellis.ts counts in. */
  steps: v.array(v.pipe(positive, v.gtValue(0))),
  /** The rate in bits that moving a latent by one quantization step is worth (at that distance), for each dimension. */
  distortionBits: v.array(positive),
  /** The exchange rate lambda: bits for a unit of mean squared error on [0, 1]. */
  lambdaBits: positive,
  /** Over the validation images, everything included. */
  meanBytes: positive,
  psnrDb: v.pipe(v.number(), v.finite()),
}
/** The 99th percentile of rateBits + lambdaBits * mse over the validation images: the most that a known image costs. */
const costLimitBits = positive
/** Models exported earlier have this instead: percentiles 0 to 100. */
const costPercentilesBits = v.pipe(v.array(positive), v.length(101))

const LevelSchema = v.pipe(
  v.object({
    ...levelEntries,
    costLimitBits: v.optional(costLimitBits),
    costPercentilesBits: v.optional(costPercentilesBits),
  }),
  v.check(
    (level) => level.costLimitBits !== undefined || level.costPercentilesBits !== undefined,
    'costLimitBits is missing',
  ),
  v.transform(({ costPercentilesBits, costLimitBits = costPercentilesBits![99], ...level }) => ({
    ...level,
    costLimitBits,
  })),
)
export type Level = v.InferOutput<typeof LevelSchema>

const perDimension = 'expected as many steps and distortionBits as the latent has dimensions'
const hasLength = ({ steps, distortionBits }: Level, latent: number) =>
  steps.length === latent && distortionBits.length === latent

const entries = v.object({
  format: v.literal(FORMAT, 'a model of another format: export it again, from its checkpoint'),
  name: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'expected a name of a-z, 0-9 and -')),
  /** 4 hexadecimal digits, as modelId() computes them: 14 bits. */
  id: v.pipe(v.string(), v.regex(/^[0-3][0-9a-f]{3}$/)),
  created: v.string(),
  input: v.object({ height: side, width: side, channels: v.picklist([1, 3]) }),
  latent: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1024)),
  defaultLevel: v.pipe(v.number(), v.integer(), v.minValue(0)),
  /** Coarsest first. */
  levels: v.pipe(v.array(LevelSchema), v.minLength(1), v.maxLength(32)),
  /** Layers that the planned executor does not support; a model with any of these runs in Node only. */
  unsupportedOps: v.array(v.string()),
  /** True: a preview, with decoder.bin instead of tables and decoder. */
  isPreview: v.optional(v.boolean()),
})

export const ManifestSchema = v.pipe(
  entries,
  v.forward(
    v.check(({ defaultLevel, levels }) => defaultLevel < levels.length, 'expected one of the levels'),
    ['defaultLevel'],
  ),
  v.forward(
    v.check(({ latent, levels }) => levels.every((level) => hasLength(level, latent)), perDimension),
    ['levels'],
  ),
)
export type Manifest = v.InferOutput<typeof ManifestSchema>

export interface ModelFiles {
  manifest: Manifest
  tables: Uint8Array
  encoder: LayersFile
  decoder: LayersFile
}

/** A preview's files: its decoder, tables included, is one file (shared/preview/parameters.ts). */
export interface PreviewFiles {
  manifest: Manifest
  encoder: LayersFile
  preview: Uint8Array
}

/** Where the parts of a model are in its directory. */
export const MODEL_PATHS = {
  manifest: 'manifest.json',
  tables: 'tables.bin',
  /** Instead of tables and decoder. */
  preview: 'decoder.bin',
  encoder: { topology: 'encoder/model.json', weights: 'encoder/weights.bin' },
  decoder: { topology: 'decoder/model.json', weights: 'decoder/weights.bin' },
  record: 'record.json',
} as const

/** The model id, a hash over what decoding needs: shape, quantization steps, tables and decoder. */
export function modelId(
  files: Omit<ModelFiles, 'manifest' | 'encoder'>,
  manifest: Omit<Manifest, 'id'>,
): string {
  const { input, latent, levels } = manifest
  const decoding = JSON.stringify([input, latent, levels.map((level) => level.steps), files.decoder.topology])
  return hashOf([new TextEncoder().encode(decoding), files.tables, files.decoder.weights])
}

export const previewHash = (preview: Uint8Array, { input }: Omit<Manifest, 'id'>): string =>
  hashOf([new TextEncoder().encode(JSON.stringify(input)), preview])

/** FNV-1a, folded to 14 bits. */
function hashOf(parts: Uint8Array[]): string {
  let hash = 0x811c9dc5
  for (const bytes of parts)
    for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193)
  return ((hash ^ (hash >>> 14) ^ (hash >>> 28)) & 0x3fff).toString(16).padStart(4, '0')
}
