/** Small networks with every layer that the planned executor has, for its tests. */
import * as tf from '@tensorflow/tfjs'
import { DepthToSpace } from '../../node/tensorflow/layers.ts'
import { randomizeWeights, toLayersFile } from '../../node/tensorflow/plain-tfjs.ts'
import type { LayersFile } from '../../shared/network/layers/layers-file.ts'
import { saveLayers } from '../../train/export/save-layers.ts'
import { buildDecoder, buildEncoder, type NetworkSpec } from '../../train/networks/families.ts'

const digits = { height: 28, width: 28, channels: 1 } as const
const photos = { height: 32, width: 32, channels: 3 } as const
export const textbook: NetworkSpec = {
  ...{ family: 'mlp', shape: digits, latent: 64, widths: [128], linearPath: false },
  ...{ latentActivation: 'relu', outputActivation: 'sigmoid', seed: 1 },
}
const linearPath: NetworkSpec = {
  ...textbook,
  widths: [96, 80],
  linearPath: true,
  outputActivation: 'linear',
}
export const cnn: NetworkSpec = { ...linearPath, family: 'cnn', shape: photos, widths: [16, 24] }

export const pairOf = (spec: NetworkSpec) => [buildEncoder(spec).model, buildDecoder(spec)] as const

export function sequential(inputShape: number[], ...layers: tf.layers.Layer[]): tf.Sequential {
  return tf.sequential({ layers: [tf.layers.inputLayer({ inputShape }), ...layers] })
}

export const models: Record<string, () => tf.LayersModel> = {
  'the textbook encoder': () => pairOf(textbook)[0],
  'the textbook decoder': () => pairOf(textbook)[1],
  'an encoder with a linear path': () => pairOf(linearPath)[0],
  'a decoder with a linear path': () => pairOf(linearPath)[1],
  'a convolutional encoder': () => pairOf(cnn)[0],
  'a convolutional decoder': () => pairOf({ ...cnn, linearPath: false, outputActivation: 'sigmoid' })[1],
  'strides, valid padding and PReLU': () =>
    sequential(
      [11, 14, 3],
      tf.layers.conv2d({ filters: 8, kernelSize: [3, 2], strides: [2, 1], padding: 'valid', useBias: false }),
      tf.layers.prelu({ sharedAxes: [1, 2] }),
      tf.layers.conv2d({ filters: 5, kernelSize: 5, strides: 2, padding: 'same', activation: 'sigmoid' }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 7, activation: 'elu' }),
      tf.layers.prelu(),
      tf.layers.dense({ units: 9, activation: 'tanh', useBias: false }),
    ),
  'upsampling, permuting, capped ReLU and depth to space': () =>
    sequential(
      [6, 5, 8],
      tf.layers.upSampling2d({ size: [2, 3], interpolation: 'bilinear' }),
      tf.layers.permute({ dims: [2, 1, 3] }),
      tf.layers.reLU({ maxValue: 0.7 }),
      new DepthToSpace({ blockSize: 2 }),
      tf.layers.upSampling2d({ size: [1, 2], interpolation: 'nearest' }),
      tf.layers.activation({ activation: 'sigmoid' }),
      tf.layers.dropout({ rate: 0.5 }),
      tf.layers.reshape({ targetShape: [-1, 12] }),
      tf.layers.dense({ units: 3, activation: 'elu' }),
    ),
}

/** Rounded as an export rounds them, unless said otherwise. */
export async function randomFile(build: () => tf.LayersModel, rounded = true): Promise<LayersFile> {
  const model = build()
  randomizeWeights(model, 7)
  return rounded ? saveLayers(model) : toLayersFile(model)
}
