import { type ImageShape, sampleCount } from '../../shared/manifest.ts'
import { defaultWidths } from './families.ts'
import type { FamilySettings, NetworkSettings } from './network-settings.ts'

/** The size of networks before they are built: weights, and the floats that a training step keeps per image. */
interface NetworkSize {
  weights: number
  activations: number
}

/** Encoder and decoder together; accurate enough to bound memory. */
export function networkSize(settings: NetworkSettings, shape: ImageShape): NetworkSize {
  const { encoder, decoder, latent, linearPath } = settings
  const parts = [encoder, decoder].map((family) => familySize(family, shape, latent))
  if (linearPath)
    parts.push({ weights: 2 * sampleCount(shape) * latent, activations: 2 * sampleCount(shape) })
  return parts.reduce((a, b) => ({
    weights: a.weights + b.weights,
    activations: a.activations + b.activations,
  }))
}

function familySize({ family, widths: own }: FamilySettings, shape: ImageShape, latent: number): NetworkSize {
  const widths = own ?? defaultWidths(family, shape)
  const { height, width, channels } = shape
  const pixels = sampleCount(shape)
  switch (family) {
    case 'cnn': {
      const maps = widths.map((filters, i) => ({ filters, size: (height * width * filters) / 4 ** (i + 1) }))
      const kernels = widths.map((filters, i) => 9 * filters * (widths[i - 1] ?? channels))
      const flat = maps.at(-1)!.size
      // A decoder's maps have four times the channels before they are rearranged.
      return {
        weights: 4 * sum(kernels) + flat * latent,
        activations: pixels + 5 * sum(maps.map((m) => m.size)),
      }
    }
    case 'rnn':
    case 'lstm':
    case 'gru': {
      const units = widths[0]
      const gates = { rnn: 1, gru: 3, lstm: 4 }[family]
      const cell = gates * units * (width * channels + units)
      return { weights: cell + height * units * latent, activations: pixels + 8 * height * units * gates }
    }
    default: {
      const layers = [pixels, ...widths, latent]
      return { weights: sum(layers.slice(1).map((units, i) => units * layers[i])), activations: sum(layers) }
    }
  }
}

const sum = (values: number[]) => values.reduce((a, b) => a + b, 0)
