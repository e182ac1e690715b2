import * as tf from '@tensorflow/tfjs'
import { FlatAdam } from './adam-flat.ts'
import { TensorFlowAdam } from './adam-tensorflow.ts'
import { wasmAdam } from './adam-wasm.ts'
import type { AdamSettings, Optimizer } from './optimizer.ts'

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
