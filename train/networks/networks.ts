import type * as tf from '@tensorflow/tfjs'
import type { ImageShape } from '../../shared/manifest.ts'
import { buildDctDecoder } from './dct.ts'
import {
  buildDecoder,
  buildEncoder,
  defaultWidths,
  type EncoderNetwork,
  type NetworkSpec,
} from './families.ts'
import { applyNetwork } from './mlp.ts'
import type { FamilySettings, NetworkSettings } from './network-settings.ts'

/** An encoder and the decoder trained with it. */
export interface Networks {
  encoder: EncoderNetwork
  decoder: tf.LayersModel
}

/** The networks that the settings ask for, with weights drawn from the seed. */
export function buildNetworks(
  { encoder, decoder, ...common }: NetworkSettings,
  shape: ImageShape,
  outputActivation: NetworkSpec['outputActivation'],
  seed: number,
): Networks {
  const spec = ({ family, widths }: FamilySettings): NetworkSpec => {
    if (family === 'dct') throw new Error('the family dct is only for decoders')
    return {
      ...common,
      family,
      widths: widths ?? defaultWidths(family, shape),
      shape,
      outputActivation,
      seed,
    }
  }
  return {
    encoder: buildEncoder(spec(encoder)),
    decoder: decoder.family === 'dct' ? buildDctDecoder(shape, common.latent) : buildDecoder(spec(decoder)),
  }
}

/** x [n, pixels] -> latents [n, latent] */
export function encode(networks: Networks, x: tf.Tensor2D): tf.Tensor2D {
  return applyNetwork(networks.encoder.model, x, true)
}

/** latents [n, latent] -> pixels [n, pixels], not clipped */
export function decode(networks: Networks, y: tf.Tensor2D): tf.Tensor2D {
  return applyNetwork(networks.decoder, y, false)
}
