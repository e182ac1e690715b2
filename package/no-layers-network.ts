/** Stands in for node/tensorflow/layers-network.ts, which needs all of TensorFlow.js. */
export function layersNetwork(): never {
  throw new Error('this model has recurrent layers: such models run only in the latent64 repository')
}
