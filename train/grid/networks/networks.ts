/**
 * The grid codec's encoder and decoder as variables and functions. A level codes a picture x [n, h, w, 3], h and w multiples
 * of 16, given a known picture of a quarter of its width and height: 192 numbers per block hold what the upsampled known
 * picture lacks. Both are linear, the lowest level's and the others', and start as the blocks' KLT; a small convolutional
 * network may restore what they draw.
 */
import * as tf from '@tensorflow/tfjs'
import { BLOCK, BLOCK_SAMPLES, CHANNELS } from '../../../shared/grid/grid-shape.ts'
import {
  AROUND_CELL,
  CELL,
  LAYERS,
  type LayerShape,
  type TrainedName,
} from '../../../shared/grid/networks/layer-shapes.ts'
import { Random } from '../../random.ts'
import { depthToSpace, spaceToDepth } from './operations.ts'

interface Layer {
  kernel: tf.Variable
  bias?: tf.Variable
}

interface TensorDrawing {
  lowest: boolean
  restored: tf.Tensor1D
  logStep: tf.Tensor1D
  logKnownStep: tf.Tensor1D
}

/** Zero at the start, so that training begins at the KLT's quality. */
const ZERO_AT_START = ['dec.last', 'dec.steps']

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
      const rows = tf.transpose(columns)
      for (const matrices of ['linear', 'lowest']) {
        const { kernel: encoding } = this.layers[`enc.${matrices}`]
        const { kernel: decoding } = this.layers[`dec.${matrices}`]
        encoding.assign(tf.reshape(columns, [1, 1, BLOCK_SAMPLES, CHANNELS]))
        decoding.assign(tf.reshape(rows, [1, 1, CHANNELS, BLOCK_SAMPLES]))
      }
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
  encode(residual: tf.Tensor4D, lowest: boolean): tf.Tensor4D {
    return this.#conv(lowest ? 'enc.lowest' : 'enc.linear', spaceToDepth(residual, BLOCK))
  }

  /**
   * latent [n, h, w, CHANNELS], the upsampled known picture -> picture [n, 16h, 16w, 3]. Log steps [n]; restored: [n], 1 with
   * the restoration network and 0 without.
   */
  decode(r: tf.Tensor4D, up: tf.Tensor4D, { lowest, restored, logStep, logKnownStep }: TensorDrawing) {
    const added = this.#conv(lowest ? 'dec.lowest' : 'dec.linear', r)
    const drawn = tf.add(up, depthToSpace(added, BLOCK)) as tf.Tensor4D
    const detail = this.#restore(drawn, tf.stack([logStep, logKnownStep], 1) as tf.Tensor2D)
    return tf.add(drawn, tf.mul(detail, tf.reshape(restored, [-1, 1, 1, 1]))) as tf.Tensor4D
  }

  /** What a quantized picture lacks, cell by cell. steps [n, 2]. Around it is grey; the codec repeats its border. */
  #restore(drawn: tf.Tensor4D, steps: tf.Tensor2D): tf.Tensor4D {
    const around: [number, number] = [AROUND_CELL, AROUND_CELL]
    const seen = tf.pad(tf.sub(drawn, 0.5), [[0, 0], around, around, [0, 0]]) as tf.Tensor4D
    const { kernel, bias } = this.layers['dec.first']
    const cells = tf.conv2d(seen, kernel as unknown as tf.Tensor4D, CELL, 'valid')
    const fromSteps = this.#conv('dec.steps', tf.reshape(steps, [-1, 1, 1, 2]))
    let h = tf.relu(tf.addN([cells, tf.add(tf.zerosLike(cells), tf.add(fromSteps, bias!))])) as tf.Tensor4D
    for (const name of ['dec.second', 'dec.third', 'dec.fourth']) h = tf.add(h, tf.relu(this.#conv(name, h)))
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
