import * as tf from '@tensorflow/tfjs'
import { expect } from 'vitest'
import { BackendError, type BackendName, selectBackend } from '../../../train/backends/backend.ts'
import { buildDecoder, buildEncoder, type Family } from '../../../train/networks/families.ts'
import { autoencoderObjective } from '../../../train/objectives/autoencoder.ts'
import { Random } from '../../../train/random.ts'
import { autodiffTrainer } from '../../../train/step.ts'

export const networkNames = ['mlp', 'mlp with linear path', 'cnn', 'rnn', 'lstm', 'gru'] as const
type NetworkName = (typeof networkNames)[number]

export async function allLosses(names: readonly NetworkName[]): Promise<Map<NetworkName, number[]>> {
  const losses = new Map<NetworkName, number[]>()
  for (const name of names) losses.set(name, await firstLosses(name))
  return losses
}

export function expectSameLosses(losses: number[], expected: number[]): void {
  expect(losses.length).toBe(expected.length)
  for (const [i, loss] of losses.entries()) expect(Math.abs(loss / expected[i] - 1)).toBeLessThan(1e-4)
}

/** Why a backend cannot be tested here, printed; empty if it can. With CI set, it must be there. */
export async function whyUnavailable(name: BackendName): Promise<string> {
  try {
    await selectBackend(name)
    return ''
  } catch (error) {
    if (process.env.CI || !(error instanceof BackendError)) throw error
    console.warn(`skipped: ${error.message}`)
    return error.message
  }
}

/** Losses of the first ten steps of a small autoencoder, on the current backend; everything from fixed seeds. */
export async function firstLosses(name: NetworkName, steps = 10): Promise<number[]> {
  const family = name.split(' ')[0] as Family
  const linearPath = name.includes('linear')
  const shape = { height: 12, width: 12, channels: 1 as const }
  const widths = family === 'mlp' ? [64, 32] : family === 'cnn' ? [8, 16] : [16]
  const latentActivation = 'relu' as const
  const outputActivation = linearPath ? ('linear' as const) : ('sigmoid' as const)
  const spec = { family, shape, latent: 10, widths, linearPath, latentActivation, outputActivation, seed: 3 }
  const networks = { encoder: buildEncoder(spec), decoder: buildDecoder(spec) }
  const trainer = await autodiffTrainer(networks, autoencoderObjective(networks, 'ae'), 1)
  const x = blobs(32, shape.height)
  const noise = tf.zeros([1, 1]) as tf.Tensor2D
  const losses: number[] = []
  for (let i = 0; i < steps; i++) {
    const values = trainer.step({ clean: x, input: x, noise, progress: 0 }, 1e-3)
    losses.push((await values.data())[0])
    values.dispose()
  }
  return losses
}

/** Images [n, size * size] of one soft spot each. */
function blobs(n: number, size: number): tf.Tensor2D {
  const random = new Random(5)
  const images = Array.from({ length: n }, () => {
    const [cy, cx, width] = [size * random.uniform(), size * random.uniform(), 1 + 3 * random.uniform()]
    return Array.from({ length: size * size }, (_, i) => {
      const distance = Math.hypot(Math.floor(i / size) - cy, (i % size) - cx)
      return Math.exp(-((distance / width) ** 2))
    })
  })
  return tf.tensor2d(images)
}
