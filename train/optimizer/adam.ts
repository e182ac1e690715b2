import * as tf from '@tensorflow/tfjs'
import { FlatAdam } from './adam-flat.ts'
import { TensorFlowAdam } from './adam-tensorflow.ts'
import { wasmAdam } from './adam-wasm.ts'

export interface AdamSettings {
  beta1: number
  beta2: number
  epsilon: number
  /** Largest norm of the whole gradient; 0 for no limit. */
  clipNorm: number
}

export interface OptimizerState {
  steps: number
  moments: [Float32Array, Float32Array] // all variables' first, all variables' second, in the variables' order
}

export interface Optimizer {
  /** `gradients` in the variables' order. Updates in place: clones made of a variable before see the new value. */
  apply(gradients: tf.Tensor[], learningRate: number): void
  state(): Promise<OptimizerState>
  /** The variables' own values are read again at the next update, so set them before or after this. */
  restore(state: OptimizerState): void
}

/**
 * Adam (Kingma & Ba 2015), as PyTorch counts it: epsilon is added to the corrected second moment's root.
 *
 * The same update three ways. Written with tfjs's operations it is 12 small kernels a variable (tf.train.adam), most
 * of a small network's step: here one fused kernel on the tensorflow and wasm backends, some 10 over one flat vector
 * elsewhere.
 */
export async function createAdam(variables: tf.Variable[], settings: AdamSettings): Promise<Optimizer> {
  switch (tf.getBackend()) {
    case 'tensorflow':
      return new TensorFlowAdam(variables, settings)
    case 'wasm':
      return wasmAdam(variables, settings)
    default:
      return new FlatAdam(variables, settings)
  }
}
