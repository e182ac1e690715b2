/**
 * Makes two small real codecs in .cache/, linear ones on the basis of the cosine transform, for tests and development
 * that need no trained model. Export, tables and format are those of a trained model.
 */
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs'
import { type ImageShape, sampleCount } from '../shared/manifest.ts'
import { mnist } from '../train/data/mnist.ts'
import { exportModel } from '../train/export/export.ts'
import { Random } from '../train/random.ts'
import { TEST_MODELS } from './test-models.ts'

const LATENT = 64

/** The latent is the lowest frequencies: 8x8 of a grey image; 6x6 of luma and 14 of each chroma of a colour one. */
function cosineBasis(shape: ImageShape): Float32Array[] {
  if (shape.channels === 1) return frequencies(LATENT).map(([u, v]) => cosine(shape, u, v, [1]))
  const root = Math.sqrt
  const luma = frequencies(36).map(([u, v]) => cosine(shape, u, v, [root(1 / 3), root(1 / 3), root(1 / 3)]))
  const blue = frequencies(14).map(([u, v]) => cosine(shape, u, v, [-root(1 / 6), -root(1 / 6), root(2 / 3)]))
  const red = frequencies(14).map(([u, v]) => cosine(shape, u, v, [root(1 / 2), -root(1 / 2), 0]))
  return [...luma, ...blue, ...red]
}

function frequencies(count: number): [number, number][] {
  const all = Array.from({ length: 256 }, (_, i) => [i % 16, i >> 4] as [number, number])
  return all.toSorted((a, b) => a[0] + a[1] - b[0] - b[1] || a[0] - b[0]).slice(0, count)
}

function cosine({ height, width }: ImageShape, u: number, v: number, colour: number[]): Float32Array {
  const wave = (i: number, k: number, n: number) =>
    Math.sqrt((k ? 2 : 1) / n) * Math.cos(((2 * i + 1) * k * Math.PI) / (2 * n))
  const basis = new Float32Array(height * width * colour.length)
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (const part of colour) basis[at++] = part * wave(x, u, width) * wave(y, v, height)
  return basis
}

function linear(
  name: string,
  inputs: number,
  units: number,
  kernel: tf.Tensor2D,
  bias: tf.Tensor1D,
): tf.LayersModel {
  const input = tf.input({ shape: [inputs] })
  const layer = tf.layers.dense({ units, name: `${name}-linear` })
  const model = tf.model({ name, inputs: input, outputs: layer.apply(input) as tf.SymbolicTensor })
  layer.setWeights([kernel, bias])
  return model
}

/** Smooth coloured images of a few broad cosines and a disc, so that no data set is needed. */
function syntheticImages(shape: ImageShape, count: number): Uint8Array {
  const random = new Random(1, 1)
  const { height, width, channels } = shape
  const images = new Uint8Array(count * sampleCount(shape))
  for (let image = 0, at = 0; image < count; image++) {
    const draw = Array.from({ length: 12 }, () => random.uniform())
    const [radius, centerX, centerY] = [draw[0] * 12, draw[1] * width, draw[2] * height]
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let c = 0; c < channels; c++) {
          const wave = Math.cos((draw[3] * x + draw[4] * y) / 6 + c * draw[5]) * draw[6]
          const disc = (x - centerX) ** 2 + (y - centerY) ** 2 < radius ** 2 ? draw[7 + c] - 0.5 : 0
          images[at++] = Math.max(0, Math.min(255, 127 + 100 * wave + 120 * disc))
        }
  }
  return images
}

async function makeTestModel(name: string, shape: ImageShape, train: Uint8Array, validation: Uint8Array) {
  const basis = cosineBasis(shape)
  const size = sampleCount(shape)
  const rows = tf.tensor2d(Float32Array.from(basis.flatMap((row) => [...row])), [LATENT, size])
  const grey = tf.fill([1, size], 0.5) as tf.Tensor2D
  const encoder = linear(
    'encoder',
    size,
    LATENT,
    rows.transpose(),
    grey.matMul(rows, false, true).neg().as1D(),
  )
  const decoder = linear('decoder', LATENT, size, rows, grey.as1D())
  const record = {
    backend: tf.getBackend(),
    seed: 1,
    epochs: 0,
    data: 'cosine basis',
    parameters: 2 * LATENT * size,
  }
  const manifest = await exportModel({
    name,
    shape,
    encoder,
    decoder,
    record,
    latent: LATENT,
    imagesSeen: 0,
    components: { default: 8, others: 4 },
    outDir: join(TEST_MODELS, name),
    trainImages: train,
    validationImages: validation,
  })
  const { meanBytes, psnrDb } = manifest.levels[manifest.defaultLevel]
  console.log(`${name} (${manifest.id}): ${meanBytes.toFixed(1)} bytes, ${psnrDb.toFixed(2)} dB`)
}

await tf.setBackend('cpu')
const digits = mnist('train').samples
await makeTestModel(
  'mnist',
  { height: 28, width: 28, channels: 1 },
  digits.subarray(0, 784 * 4000),
  digits.subarray(784 * 4000, 784 * 5000),
)
const colour: ImageShape = { height: 32, width: 32, channels: 3 }
const synthetic = syntheticImages(colour, 2500)
await makeTestModel('photo', colour, synthetic.subarray(0, 3072 * 2000), synthetic.subarray(3072 * 2000))
