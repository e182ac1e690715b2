/**
 * The grid codec's networks as variables and functions. A level codes a picture x [n, h, w, 3], h and w multiples of
 * 16, given a known picture of a quarter of its width and height: 192 numbers per block hold what the upsampled known
 * picture lacks. Both networks have the blocks' KLT as a linear path beside a small convolutional one.
 */
import * as tf from '@tensorflow/tfjs'
import { BLOCK, BLOCK_SAMPLES, CHANNELS } from '../../../shared/grid/grid-shape.ts'
import { LAYERS, type LayerName, type LayerShape } from '../../../shared/grid/networks/layer-shapes.ts'
import { Random } from '../../random.ts'
import { depthToSpace, spaceToDepth } from './operations.ts'

interface Layer {
  kernel: tf.Variable
  bias?: tf.Variable
}

/** Zero at the start, so that training begins at the KLT's quality. */
const ZERO_AT_START = ['enc.last', 'dec.pixels']

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
    const layers = (Object.keys(LAYERS) as LayerName[]).map((name) => this.layers[name])
    const parts = await Promise.all(
      layers
        .flatMap(({ kernel, bias }) => (bias ? [kernel, bias] : [kernel]))
        .map((v) => v.data<'float32'>()),
    )
    return Float32Array.from(parts.flatMap((part) => [...part]))
  }

  /** residual = x - up, both [n, h, w, 3] -> latent [n, h/16, w/16, CHANNELS]. */
  encode(residual: tf.Tensor4D, up: tf.Tensor4D): tf.Tensor4D {
    const linear = this.#conv('enc.linear', spaceToDepth(residual, BLOCK))
    let h = spaceToDepth(tf.concat([residual, tf.sub(up, 0.5)], 3), 4)
    h = tf.relu(this.#conv('enc.fine1', h))
    h = tf.add(h, tf.relu(this.#conv('enc.fine2', h)))
    h = tf.relu(this.#conv('enc.mid1', spaceToDepth(h, 2)))
    h = tf.add(h, tf.relu(this.#conv('enc.mid2', h)))
    h = tf.relu(this.#conv('enc.deep1', spaceToDepth(h, 2)))
    h = tf.add(h, tf.relu(this.#conv('enc.deep2', h)))
    return tf.add(linear, this.#conv('enc.last', h))
  }

  /** latent [n, h, w, CHANNELS], known [n, 4h, 4w, 3], its upsampled self, log steps [n] -> picture [n, 16h, 16w, 3]. */
  decode(
    r: tf.Tensor4D,
    known: tf.Tensor4D,
    up: tf.Tensor4D,
    logStep: tf.Tensor1D,
    logKnownStep: tf.Tensor1D,
  ) {
    const [n, h, w] = r.shape
    const plane = (t: tf.Tensor1D) => tf.tile(tf.reshape(tf.mul(t, 0.5), [n, 1, 1, 1]), [1, h, w, 1])
    const patches = spaceToDepth(tf.sub(known, 0.5), 4)
    let x = tf.concat([tf.mul(r, 2), patches, plane(logStep), plane(logKnownStep)], 3) as tf.Tensor4D
    x = tf.relu(this.#conv('dec.first', x))
    x = depthToSpace(tf.relu(this.#conv('dec.eighth', x)), 2)
    x = depthToSpace(tf.relu(this.#conv('dec.quarter', x)), 2)
    const net = depthToSpace(this.#conv('dec.pixels', x), 4)
    const linear = depthToSpace(this.#conv('dec.linear', r), BLOCK)
    return tf.add(tf.add(up, linear), net) as tf.Tensor4D
  }

  #conv(name: string, x: tf.Tensor4D): tf.Tensor4D {
    const { kernel, bias } = this.layers[name]
    const y = tf.conv2d(x, kernel as unknown as tf.Tensor4D, 1, 'same')
    return bias ? tf.add(y, bias) : y
  }
}

function newLayer(name: string, { size, inputs, outputs }: LayerShape, random: Random): Layer {
  const fanIn = size * size * inputs
  const spread = ZERO_AT_START.includes(name) ? 0 : Math.sqrt(2 / fanIn)
  const values = Float32Array.from({ length: fanIn * outputs }, () => spread * random.normal())
  const kernel = tf.variable(tf.tensor4d(values, [size, size, inputs, outputs]), true, `${name}.kernel`)
  if (name.endsWith('linear')) return { kernel }
  return { kernel, bias: tf.variable(tf.zeros([outputs]), true, `${name}.bias`) }
}
