import * as tf from '@tensorflow/tfjs'
import { FlatAdam } from './adam-flat.ts'
import { TensorFlowAdam } from './adam-tensorflow.ts'
import { wasmAdam } from './adam-wasm.ts'
import type { AdamSettings, Optimizer } from './optimizer.ts'

/**
 * Adam (Kingma & Ba 2015), as PyTorch counts it: epsilon is added to the corrected second moment's root.
 *
 * Three implementations of the same update. tf.train.adam runs 12 small kernels per variable, which is most of a small
 * network's training step. Here it is one fused kernel on the tensorflow and wasm backends, and on others some 10
 * kernels over one flat vector.
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
