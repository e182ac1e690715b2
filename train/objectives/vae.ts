import * as tf from '@tensorflow/tfjs'
import { decode, encode, type Networks } from '../networks/networks.ts'
import { type Losses, meanSquaredError, type ObjectiveBase } from './losses.ts'

const halfBin = 0.5 / 255

/**
 * The variational autoencoder (Kingma & Welling 2014). The exported encoder gives the mean of the posterior; a second
 * head on the same features gives its log variance in training. The likelihood of an 8-bit sample is a logistic around
 * the decoder's pixel, with a learned scale, integrated over the sample's bin (Salimans et al. 2017). The decoder's
 * pixels are unbounded: far below 0 black is certain. They are clipped to make a picture or to measure its error.
 *
 * loss = -ELBO in bits per dimension (a dimension is one 8-bit sample); rateBits = the KL term in bits per image.
 */
export interface VaeObjective extends ObjectiveBase {
  name: 'vae'
}

export function vaeObjective(networks: Networks, pixels: number, seed: number): VaeObjective {
  const { model, features } = networks.encoder
  const latent = model.outputs[0]!.shape[1]!
  const head = tf.layers.dense({
    name: 'logVariance',
    units: latent,
    kernelInitializer: tf.initializers.glorotUniform({ seed: seed * 1000 + 999 }),
  })
  const posterior = tf.model({
    name: 'posterior',
    inputs: model.inputs,
    outputs: [model.outputs[0]!, head.apply(features) as tf.SymbolicTensor],
  })
  const logScale = tf.variable(tf.scalar(Math.log(0.1)))
  // The layer's own variables, renamed: they are trained and checkpointed with the rest.
  const headVariables = head.trainableWeights.map((w) => w.read() as tf.Variable)

  const losses = (clean: tf.Tensor2D, input: tf.Tensor2D, noise: tf.Tensor2D): Losses => {
    const [mean, rawLogVariance] = posterior.apply(input) as [tf.Tensor2D, tf.Tensor2D]
    const logVariance = tf.clipByValue(rawLogVariance, -12, 6)
    const z = tf.add(mean, tf.mul(noise, tf.exp(tf.mul(logVariance, 0.5))))
    const decoded = decode(networks, z as tf.Tensor2D)
    const klNats = tf.mul(
      tf.sum(tf.sub(tf.add(tf.square(mean), tf.exp(logVariance)), tf.add(logVariance, 1))),
      0.5 / clean.shape[0],
    )
    const rateBits = tf.div(klNats, Math.LN2) as tf.Scalar
    const pixelBits = tf.div(tf.sum(logisticBits(clean, decoded, logScale)), clean.shape[0])
    const loss = tf.div(tf.add(pixelBits, rateBits), pixels) as tf.Scalar
    return { loss, mse: meanSquaredError(tf.clipByValue(decoded, 0, 1), clean), rateBits }
  }
  return {
    name: 'vae',
    variables: [...headVariables, logScale],
    noise: 'normal',
    losses: ({ clean, input, noise }) => losses(clean, input, noise),
    // The ELBO is of one draw from the posterior, always the same; the error is of its mean, as in the codec.
    validationLosses(clean, input) {
      const noise = tf.randomNormal<tf.Rank.R2>([clean.shape[0], latent], 0, 1, 'float32', 1)
      const mse = meanSquaredError(tf.clipByValue(decode(networks, encode(networks, input)), 0, 1), clean)
      return { ...losses(clean, input, noise), mse }
    },
  }
}

/** -log2 of the mass that a logistic around `mean` gives to the bin of each 8-bit sample x (as x / 255). */
function logisticBits(x: tf.Tensor, mean: tf.Tensor, logScale: tf.Tensor): tf.Tensor {
  const inverseScale = tf.exp(tf.neg(logScale))
  const difference = tf.sub(x, mean)
  // The outermost bins reach to infinity; elsewhere the mass is taken on the side where nothing cancels.
  const black = tf.lessEqual(x, halfBin)
  const white = tf.greaterEqual(x, 1 - halfBin)
  const edge = tf.logicalOr(black, white)
  const inwards = tf.where(black, difference, tf.neg(difference))
  const distance = tf.where(edge, inwards, tf.neg(tf.abs(difference)))
  const upper = tf.sigmoid(tf.mul(tf.add(distance, halfBin), inverseScale))
  const lower = tf.sigmoid(tf.mul(tf.sub(distance, halfBin), inverseScale))
  const mass = tf.where(edge, upper, tf.sub(upper, lower))
  return tf.mul(tf.log(tf.maximum(mass, 1e-30)), -1 / Math.LN2)
}
