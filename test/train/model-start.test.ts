import * as tf from '@tensorflow/tfjs'
import { beforeAll, expect, test } from 'vitest'
import { loadModelDirectory } from '../../node/load-model.ts'
import { findModel } from '../../node/model-directory.ts'
import { encode as encodeByCodec } from '../../shared/codec/transform.ts'
import { selectBackend } from '../../train/backends/backend.ts'
import { toUnit } from '../../train/batches.ts'
import { firstImages, splitForValidation, type TrainingData } from '../../train/data/images.ts'
import { memorySource } from '../../train/data/memory-source.ts'
import { mnist } from '../../train/data/mnist.ts'
import { encode } from '../../train/networks/networks.ts'
import { prepareTraining } from '../../train/prepare.ts'
import { applyFlags, startingPoint } from '../../train/settings-from-flags.ts'
import { validate } from '../../train/validate.ts'

beforeAll(() => selectBackend('wasm'))

const flags = { from: 'mnist', data: 'mnist' }

test('--from starts at the networks and the quality of a shipped model', async () => {
  const settings = applyFlags(startingPoint(flags), flags)
  const [sample, validation] = splitForValidation(firstImages(mnist('train'), 400), 100, 1)
  const data: TrainingData = {
    training: memorySource('mnist', sample, settings.data.augmentation),
    validation,
    sample,
  }
  const { networks, objective } = await prepareTraining(settings, data)

  const image = validation.samples.subarray(0, 784)
  const [expected] = encodeByCodec(await loadModelDirectory(findModel('mnist').directory), [image])
  const latent = encode(networks, tf.tensor2d(toUnit(image), [1, 784])).dataSync()
  for (const [d, value] of expected!.entries()) expect(latent[d]).toBeCloseTo(value, 3)

  const { psnrDb, rateBits } = await validate(objective.validationLosses, validation, {
    corruption: null,
    seed: 1,
  })
  expect(psnrDb).toBeGreaterThan(25.5) // its rounding, not the codec's trellis; an untrained start has about 20
  expect(rateBits / 8).toBeLessThan(45) // by a prior that has not learned yet
})

test('options that would change the networks of --from are refused', () => {
  for (const option of [
    { latent: 32 },
    { encoder: 'cnn' as const },
    { size: { height: 32, width: 32 } },
    { lambda: [30] },
  ])
    expect(() => applyFlags(startingPoint(flags), { ...flags, ...option })).toThrow(
      'the networks are those of the model mnist',
    )
})

test('--from with an unknown model lists the known ones', () => {
  expect(() => startingPoint({ from: 'nothing' })).toThrow(/no model nothing.*mnist.*photo/)
})

test('a preview keeps its dimensions: --latent adds some, --epochs is refused', () => {
  const preview = { from: 'preview-0' }
  expect(applyFlags(startingPoint(preview), { ...preview, latent: 80 }).networks.latent).toBe(80)
  expect(() => applyFlags(startingPoint(preview), { ...preview, latent: 64 })).toThrow(
    '--latent 64: expected more than',
  )
  expect(() => applyFlags(startingPoint(preview), { ...preview, epochs: 2 })).toThrow('--epochs')
})
