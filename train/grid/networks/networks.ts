/**
 * The grid codec's encoder and decoder as variables and functions. A level codes a picture x [n, h, w, 3], h and w multiples
 * of 16, given a known picture of a quarter of its width and height: 192 numbers per block hold what the upsampled known
 * picture lacks. Both are linear, and start as the blocks' KLT; coarsely quantized pictures go through a small
 * convolutional network after that.
 */
import * as tf from '@tensorflow/tfjs'
import { BLOCK, BLOCK_SAMPLES, CHANNELS } from '../../../shared/grid/grid-shape.ts'
import { COARSE_STEP } from '../../../shared/grid/networks/grid-networks.ts'
import {
  AROUND_CELL,
  CELL,
  LAYERS,
  type LayerShape,
  type TrainedName,
} from '../../../shared/grid/networks/layer-shapes.ts'
import { UNIT } from '../../../shared/grid/planes/plane-groups.ts'
import { Random } from '../../random.ts'
import { depthToSpace, spaceToDepth } from './operations.ts'

interface Layer {
  kernel: tf.Variable
  bias?: tf.Variable
}

/** Zero at the start, so that training begins at the KLT's quality. */
const ZERO_AT_START = ['dec.last', 'dec.steps']
/** Half an octave below COARSE_STEP: training draws steps that are no whole octaves. */
const LEAST_COARSE = Math.log(UNIT) + (COARSE_STEP / 16 - 0.5) * Math.LN2

export class GridNetworks {
  readonly layers: Record<string, Layer> = {}

  constructor(seed: number) {
    const random = new Random(seed)
    for (const [name, shape] of Object.entries(LAYERS)) this.layers[name] = newLayer(name, shape, random)
  }

  get variables(): tf.Variable[] {
    return Object.values(this.layers).flatMap(({ kernel, bias }) => (bias ? [kernel, bias] : [kernel]))
  }

  /** basis: the KLT of residual blocks, [BLOCK_SAMPLES, CHANNELS]. */
  setLinearPath(basis: Float32Array): void {
    tf.tidy(() => {
      const columns = tf.tensor2d(basis, [BLOCK_SAMPLES, CHANNELS])
      this.layers['enc.linear'].kernel.assign(tf.reshape(columns, [1, 1, BLOCK_SAMPLES, CHANNELS]))
      this.layers['dec.linear'].kernel.assign(
        tf.reshape(tf.transpose(columns), [1, 1, CHANNELS, BLOCK_SAMPLES]),
      )
    })
  }

  /** All layers' values in the order of LAYERS, kernel then bias, as a model directory has them. */
  async weights(): Promise<Float32Array> {
    const layers = (Object.keys(LAYERS) as TrainedName[]).map((name) => this.layers[name])
    const parts = await Promise.all(
      layers
        .flatMap(({ kernel, bias }) => (bias ? [kernel, bias] : [kernel]))
        .map((v) => v.data<'float32'>()),
    )
    return Float32Array.from(parts.flatMap((part) => [...part]))
  }

  /** residual = x - up [n, h, w, 3] -> latent [n, h/16, w/16, CHANNELS]. */
  encode(residual: tf.Tensor4D): tf.Tensor4D {
    return this.#conv('enc.linear', spaceToDepth(residual, BLOCK))
  }

  /** latent [n, h, w, CHANNELS], the upsampled known picture, log steps [n] -> picture [n, 16h, 16w, 3]. */
  decode(r: tf.Tensor4D, up: tf.Tensor4D, logStep: tf.Tensor1D, logKnownStep: tf.Tensor1D) {
    const drawn = tf.add(up, depthToSpace(this.#conv('dec.linear', r), BLOCK)) as tf.Tensor4D
    const isCoarse = tf.cast(tf.greater(logStep, LEAST_COARSE), 'float32')
    const detail = this.#restore(drawn, tf.stack([logStep, logKnownStep], 1) as tf.Tensor2D)
    return tf.add(drawn, tf.mul(detail, tf.reshape(isCoarse, [-1, 1, 1, 1]))) as tf.Tensor4D
  }

  /** What a coarsely quantized picture lacks, cell by cell. steps [n, 2]. Around it is grey; the codec repeats its border. */
  #restore(drawn: tf.Tensor4D, steps: tf.Tensor2D): tf.Tensor4D {
    const around: [number, number] = [AROUND_CELL, AROUND_CELL]
    const seen = tf.pad(tf.sub(drawn, 0.5), [[0, 0], around, around, [0, 0]]) as tf.Tensor4D
    const { kernel, bias } = this.layers['dec.first']
    const cells = tf.conv2d(seen, kernel as unknown as tf.Tensor4D, CELL, 'valid')
    const fromSteps = this.#conv('dec.steps', tf.reshape(steps, [-1, 1, 1, 2]))
    let h = tf.relu(tf.addN([cells, tf.add(tf.zerosLike(cells), tf.add(fromSteps, bias!))])) as tf.Tensor4D
    h = tf.add(h, tf.relu(this.#conv('dec.second', h)))
    h = tf.add(h, tf.relu(this.#conv('dec.third', h)))
    return depthToSpace(this.#conv('dec.last', h), CELL)
  }

  #conv(name: string, x: tf.Tensor4D): tf.Tensor4D {
    const { kernel, bias } = this.layers[name]
    const y = tf.conv2d(x, kernel as unknown as tf.Tensor4D, 1, 'same')
    return bias ? tf.add(y, bias) : y
  }
}

function newLayer(name: string, { size, inputs, outputs, bias }: LayerShape, random: Random): Layer {
  const fanIn = size * size * inputs
  const spread = ZERO_AT_START.includes(name) ? 0 : Math.sqrt(2 / fanIn)
  const values = Float32Array.from({ length: fanIn * outputs }, () => spread * random.normal())
  const kernel = tf.variable(tf.tensor4d(values, [size, size, inputs, outputs]), true, `${name}.kernel`)
  if (!bias) return { kernel }
  return { kernel, bias: tf.variable(tf.zeros([outputs]), true, `${name}.bias`) }
}
