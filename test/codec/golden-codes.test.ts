import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadModelDirectory, readModelFiles } from '../../node/load-model.ts'
import { compress, compressBatch, decompress } from '../../shared/codec/codec.ts'
import { modelId } from '../../shared/manifest.ts'
import vectors from '../vectors/codes.json' with { type: 'json' }
import { goldenImages } from '../vectors/golden-images.ts'

const MODELS = join(import.meta.dirname, '..', '..', 'models')

describe.each(vectors)('model $name ($id)', ({ name, id, codes }) => {
  test('is shipped complete, and has the id of its content', async () => {
    expect(existsSync(join(MODELS, name, 'record.json'))).toBe(true)
    const files = await readModelFiles(join(MODELS, name))
    expect(modelId(files, files.manifest)).toBe(id)
  })

  test('gives the golden codes and pixels, alone and in a batch', async () => {
    const model = await loadModelDirectory(join(MODELS, name))
    const images = goldenImages(model.manifest.input)
    const batch = compressBatch(model, images)
    images.forEach((image, i) => {
      const compressed = compress(model, image)
      expect(compressed).toEqual(batch[i])
      expect(Buffer.from(compressed.code).toString('hex')).toBe(codes[i].code)
      const { samples } = decompress({ byId: () => model }, compressed.code)
      expect(createHash('sha256').update(samples).digest('hex')).toBe(codes[i].pixelsSha256)
    })
  })
})
