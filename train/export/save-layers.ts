import * as tf from '@tensorflow/tfjs'
import type { LayersFile, LayersJson, WeightSpec } from '../../shared/network/layers/layers-file.ts'

/**
 * A layers model in tfjs's own format. Matrices are rounded to bfloat16, which own-kernels.wat reads and which costs no
 * measurable quality, and stored as float16, the only 16-bit type that tfjs has. Vectors are small and stay float32.
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
  return roundWeight(spec, values)
}

/** The largest float16; below the smallest normal one, numbers lose more and more bits. */
const LARGEST_HALF = 65_504
const SMALL = 2 ** -7

function roundWeight(spec: WeightSpec, values: Float32Array): { spec: WeightSpec; bytes: Uint8Array } {
  const rounded = values.map(toBfloat16)
  const largest = rounded.reduce((max, value) => Math.max(max, Math.abs(value)), 0)
  if (largest < SMALL || largest > LARGEST_HALF) return { spec, bytes: new Uint8Array(rounded.buffer) }
  const bytes = new Uint8Array(Uint16Array.from(rounded, toHalf).buffer)
  return { spec: { ...spec, quantization: { dtype: 'float16', original_dtype: 'float32' } }, bytes }
}

const float = new Float32Array(1)
const bits = new Uint32Array(float.buffer)

/** Rounds to 8 significant bits, ties to even; values below 2^-17 to a multiple of 2^-24, which float16 has. */
function toBfloat16(value: number): number {
  float[0] = Math.abs(value) < 2 ** -17 ? Math.round(value * 2 ** 24) / 2 ** 24 : value
  bits[0] = (bits[0] + 0x7fff + ((bits[0] >>> 16) & 1)) & 0xffff0000
  return float[0]
}

/** The bits of a number that float16 can hold: sign 1, exponent 5, fraction 10. */
function toHalf(value: number): number {
  const sign = value < 0 ? 0x8000 : 0
  const magnitude = Math.abs(value)
  if (magnitude < 2 ** -14) return sign | (magnitude * 2 ** 24)
  const exponent = Math.floor(Math.log2(magnitude))
  return sign | (((exponent + 15) << 10) + (magnitude / 2 ** exponent - 1) * 1024)
}
