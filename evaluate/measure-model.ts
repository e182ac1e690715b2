/** Measures a model's curve: every image at every rate level through the codec, one at a time, as a client would. */
import { type CompressOptions, compress, decompress } from '../shared/codec/codec.ts'
import { UnreachableRateError } from '../shared/codec/errors.ts'
import type { Model } from '../shared/codec/model.ts'
import { imageOf, type TestSet } from './data-set.ts'
import { type ImageRecord, recordOf } from './image-record.ts'

export const LATENT64 = 'Latent64'

interface Rate {
  setting: string
  options: { level: number } | { maxBytes: number } | { targetPsnrDb: number }
}

export const levelsOf = ({ manifest }: Model): Rate[] =>
  manifest.levels.map((_, level) => ({ setting: `level ${level}`, options: { level } }))

/**
 * Throws if decompress does not return the picture whose error compress reported. An image that cannot keep the
 * requested bytes or PSNR is left out of that rate, and counted.
 */
export function* measureModel(model: Model, set: TestSet, rates: Rate[]): Generator<ImageRecord | undefined> {
  const registry = { byId: (id: string) => (id === model.manifest.id ? model : undefined) }
  warmUp(model, imageOf(set, 0))
  for (const { setting, options } of rates)
    for (const [index, image] of set.names.entries()) {
      const original = imageOf(set, index)
      const start = performance.now()
      const compressed = compressIfPossible(model, original, { ...options, ...set.originals?.[index] })
      const encoded = performance.now()
      if (!compressed) {
        yield undefined
        continue
      }
      const { samples } = decompress(registry, compressed.code)
      const decoded = performance.now()
      if (Buffer.compare(samples, compressed.samples) !== 0)
        throw new Error(`image ${image}, ${setting}: decompress returns other samples than compress reported`)
      const coded = {
        bytes: compressed.bytes,
        samples,
        encodeMicroseconds: (encoded - start) * 1000,
        decodeMicroseconds: (decoded - encoded) * 1000,
        inDistribution: compressed.inDistribution,
      }
      yield recordOf({ image, codec: LATENT64, setting }, original, coded, set.shape)
    }
}

function compressIfPossible(model: Model, image: Uint8Array, options: CompressOptions) {
  try {
    return compress(model, image, options)
  } catch (error) {
    if (error instanceof UnreachableRateError) return undefined
    throw error
  }
}

/** Runs some images first, so that none is timed while the code is still being compiled. */
function warmUp(model: Model, image: Uint8Array) {
  for (let i = 0; i < 200; i++) compress(model, image)
}
