/** The reference for test/worker/executor.test.ts: small models, and tf.layers's results for them in Node. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { loadPlain, predictPlain, randomizeWeights, usePlainTfjs } from '../../node/tensorflow/plain-tfjs.ts'
import { saveLayers } from '../../train/export/save-layers.ts'
import { buildDecoder, buildEncoder, type NetworkSpec } from '../../train/networks/families.ts'
import { noise } from './noise.ts'

const path = join(import.meta.dirname, '..', 'vectors', 'executor.json')
const BATCHES = [1, 16, 64]

const dense: NetworkSpec = {
  ...{ family: 'mlp', shape: { height: 8, width: 8, channels: 1 }, latent: 16, widths: [32] },
  ...{ linearPath: true, latentActivation: 'linear', outputActivation: 'linear', seed: 1 },
}
const conv: NetworkSpec = {
  ...dense,
  family: 'cnn',
  widths: [4, 8],
  linearPath: false,
  outputActivation: 'sigmoid',
}

beforeAll(usePlainTfjs)

async function vectors() {
  const models = { 'dense encoder': buildEncoder(dense).model, 'convolutional decoder': buildDecoder(conv) }
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
  return Promise.all(
    Object.entries(models).map(async ([name, model]) => {
      randomizeWeights(model, 3)
      const file = await saveLayers(model)
      const plain = await loadPlain(file)
      const inputSize = model.inputs[0]!.shape[1]!
      const outputs = BATCHES.map((batch) => {
        const output = predictPlain(plain, noise(batch * inputSize), batch)
        return { batch, output: base64(new Uint8Array(output.buffer, output.byteOffset, output.byteLength)) }
      })
      return { name, topology: file.topology, weights: base64(file.weights), outputs }
    }),
  )
}

it('the vectors for workerd are tf.layers’s results', async () => {
  const made = JSON.parse(JSON.stringify(await vectors()))
  if (process.env.GOLDENS === 'update') await writeFile(path, `${JSON.stringify(made)}\n`)
  const kept = JSON.parse(await readFile(path, 'utf8'))
  for (const [i, { name, outputs, weights }] of kept.entries())
    expect({ name, outputs, weights }).toEqual({
      name: made[i].name,
      outputs: made[i].outputs,
      weights: made[i].weights,
    })
})
