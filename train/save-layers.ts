import * as tf from '@tensorflow/tfjs'
import type { LayersFile, LayersJson, WeightSpec } from '../shared/manifest.ts'

/**
 * A layers model in tfjs's own format, matrices at 16 bits (an affine scale for each weight, as tfjs quantizes them),
 * which cost nothing that can be measured; 8 bits cost the mnist model 0.23 dB. Vectors are few, and stay as they are.
 */
export async function saveLayers(model: tf.LayersModel): Promise<LayersFile> {
  const artifacts = await new Promise<tf.io.ModelArtifacts>((resolve, reject) => {
    const handler = tf.io.withSaveHandler(async (saved) => {
      resolve(saved)
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } }
    })
    model.save(handler).catch(reject)
  })
  const weights = await Promise.all(model.weights.map((weight) => encodeWeight(weight)))
  const topology: LayersJson = {
    format: 'layers-model',
    generatedBy: artifacts.generatedBy,
    convertedBy: null,
    modelTopology: artifacts.modelTopology,
    weightsManifest: [{ paths: ['weights.bin'], weights: weights.map((each) => each.spec) }],
  }
  return { topology, weights: Buffer.concat(weights.map((each) => each.bytes)) }
}

async function encodeWeight(weight: tf.LayerVariable): Promise<{ spec: WeightSpec; bytes: Uint8Array }> {
  const tensor = weight.read()
  const values = (await tensor.data()) as Float32Array
  const spec: WeightSpec = { name: weight.originalName, shape: tensor.shape, dtype: 'float32' }
  if (tensor.rank < 2) return { spec, bytes: new Uint8Array(values.slice().buffer) }
  return quantizeWeight(spec, values)
}

/** value = level * scale + min, as tf.io.decodeWeights reads it. Zero stays exactly zero. */
function quantizeWeight(spec: WeightSpec, values: Float32Array): { spec: WeightSpec; bytes: Uint8Array } {
  let smallest = 0
  let largest = 0
  for (const value of values) {
    if (value < smallest) smallest = value
    if (value > largest) largest = value
  }
  const scale = Math.fround((largest - smallest) / 65_535) || 1
  const zero = Math.round(-smallest / scale)
  const min = -zero * scale
  const levels = Uint16Array.from(values, (value) =>
    Math.min(65_535, Math.max(0, Math.round(value / scale) + zero)),
  )
  const bytes = new Uint8Array(levels.buffer)
  return {
    spec: { ...spec, quantization: { dtype: 'uint16', scale, min, original_dtype: 'float32' } },
    bytes,
  }
}
