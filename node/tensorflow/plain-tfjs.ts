/** The reference for the executor: the same model through tf.layers on tfjs-backend-wasm. */
import * as tf from '@tensorflow/tfjs'
import '@tensorflow/tfjs-backend-wasm'
import './layers.ts'
import type { LayersFile, WeightSpec } from '../../shared/network/layers/layers-file.ts'

export async function usePlainTfjs(): Promise<void> {
  await tf.setBackend('wasm')
  await tf.ready()
}

/** Every weight random, the biases too: with zero biases the order of additions would not show. */
export function randomizeWeights(model: tf.LayersModel, seed: number): void {
  model.setWeights(
    model.getWeights().map(({ shape }, i) => {
      const fanIn = shape.length > 1 ? shape.slice(0, -1).reduce((a, b) => a * b, 1) : 1
      return tf.randomNormal(shape, 0, 1 / Math.sqrt(fanIn), 'float32', seed * 100 + i)
    }),
  )
}

export async function toLayersFile(model: tf.LayersModel): Promise<LayersFile> {
  let file: LayersFile | undefined
  await model.save(
    tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
      const weights = new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData))
      // As from disk: through JSON, with Keras's snake_case names.
      const json = { modelTopology, weightsManifest: [{ paths: ['weights.bin'], weights: weightSpecs }] }
      file = { topology: JSON.parse(JSON.stringify(json)), weights }
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } }
    }),
  )
  return file!
}

export async function loadPlain({ topology, weights }: LayersFile): Promise<tf.LayersModel> {
  const weightSpecs = topology.weightsManifest.flatMap((group) => group.weights) as (WeightSpec &
    tf.io.WeightsManifestEntry)[]
  const weightData = new Uint8Array(weights).buffer // weights.slice() of a Buffer would share its memory
  const modelTopology = topology.modelTopology as object
  return tf.loadLayersModel({ load: async () => ({ modelTopology, weightSpecs, weightData }) })
}

/** [batch, outputSize] */
export function predictPlain(model: tf.LayersModel, input: Float32Array, batch: number): Float32Array {
  return tf.tidy(() => {
    const shape = model.inputs[0].shape.slice(1) as number[]
    const output = model.predict(tf.tensor(input, [batch, ...shape])) as tf.Tensor
    return output.dataSync<'float32'>()
  })
}
