/**
 * TensorFlow.js itself as a Network, for models with layers that the planned executor does not support (rnn, lstm,
 * gru). Slower, and in Node only; the codec that calls it is the same.
 */

import * as tf from '@tensorflow/tfjs'
import { fromSamples, toSamples } from '../../shared/network/kernels/float-samples.ts'
import { LayersFormatError, readGraph } from '../../shared/network/layers/layer-graph.ts'
import { product, readWeights } from '../../shared/network/layers/layer-weights.ts'
import type { Network } from '../../shared/network/network.ts'
import type { NetworkSizes } from '../../shared/network/network-plan.ts'
import './layers.ts' // registers the project's own layers with tf.layers
import type { LayersFile } from '../../shared/network/layers/layers-file.ts'
import { loadWasm } from './load-wasm.ts'

/** Images in one run: it bounds the memory that activations take. */
const BATCH = 256

/** Checked here because tf.layers allocates memory for all units of a layer before it looks at the weights. */
const MAX_UNITS = 4096

/** Throws LayersFormatError if the file does not fit together, or does not have these sizes. */
export async function layersNetwork(file: LayersFile, sizes?: NetworkSizes): Promise<Network> {
  const { nodes, inputShape } = readGraph(file.topology)
  readWeights(file) // only to check them: it throws
  for (const { name, config } of nodes)
    for (const size of [config.units, config.filters])
      if (size !== undefined && !(Number.isInteger(size) && Number(size) > 0 && Number(size) <= MAX_UNITS))
        throw new LayersFormatError(`layer ${name} has ${size} units, expected 1 to ${MAX_UNITS}`)
  if (sizes && product(inputShape) !== sizes.inputs)
    throw new LayersFormatError(`expected ${sizes.inputs} numbers as input, got [${inputShape}]`)
  await startBackend()
  const model = await tf.loadLayersModel(tf.io.fromMemory(artifacts(file)))
  const network = new LayersNetwork(model)
  if (sizes && network.outputSize !== sizes.outputs)
    throw new LayersFormatError(`expected ${sizes.outputs} numbers as output, got ${network.outputSize}`)
  return network
}

/** The wasm backend, unless the process has chosen one for itself (training on tfjs-node, say). */
async function startBackend(): Promise<void> {
  if (tf.engine().backendName) return
  await loadWasm()
}

function artifacts({ topology, weights }: LayersFile): tf.io.ModelArtifacts {
  return {
    modelTopology: topology.modelTopology as object,
    weightSpecs: topology.weightsManifest.flatMap((group) => group.weights) as tf.io.WeightsManifestEntry[],
    weightData: Uint8Array.from(weights).buffer,
  }
}

class LayersNetwork implements Network {
  readonly inputSize: number
  readonly outputSize: number
  readonly macs: number
  private readonly model: tf.LayersModel
  private x = new Float32Array(0)

  constructor(model: tf.LayersModel) {
    this.model = model
    this.inputSize = model.inputs[0]!.shape[1]!
    this.outputSize = model.outputs[0]!.shape[1]!
    this.macs = model.countParams() // a lower bound: recurrent weights are used at every time step
  }

  input(batch: number): Float32Array {
    if (this.x.length !== batch * this.inputSize) this.x = new Float32Array(batch * this.inputSize)
    return this.x
  }

  run(batch: number): Float32Array {
    const y = new Float32Array(batch * this.outputSize)
    for (let first = 0; first < batch; first += BATCH) {
      const count = Math.min(BATCH, batch - first)
      const part = this.x.subarray(first * this.inputSize, (first + count) * this.inputSize)
      y.set(this.predict(part, count), first * this.outputSize)
    }
    return y
  }

  runOnSamples(images: readonly Uint8Array[]): Float32Array {
    const x = this.input(images.length)
    for (const [i, image] of images.entries()) fromSamples(image, x, i * this.inputSize)
    return this.run(images.length)
  }

  runToSamples(batch: number): Uint8Array {
    return toSamples(this.run(batch))
  }

  private predict(part: Float32Array, count: number): Float32Array {
    const x = tf.tensor2d(part, [count, this.inputSize])
    const prediction = this.model.predict(x) as tf.Tensor
    const y = prediction.dataSync() as Float32Array
    tf.dispose([x, prediction])
    return y
  }

  dispose(): void {
    this.model.dispose()
  }
}
