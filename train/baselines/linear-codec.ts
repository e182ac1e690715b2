/**
 * The best that a linear codec can do: principal components, one quantization step for all of them, and ideal entropy
 * coding: -log2 of each symbol's frequency among the training images, without a header or rounding to bytes.
 */
import * as tf from '@tensorflow/tfjs'
import { readAndDispose } from '../backends/read-tensor.ts'
import type { ImageSet } from '../data/images.ts'
import type { PrincipalComponents } from '../networks/pca.ts'

interface Tables {
  bits: Map<number, number>[] // [components]
  rareBits: number
}

/** images -> latents [n][components] */
export async function project(set: ImageSet, { mean, basis }: PrincipalComponents): Promise<Float32Array[]> {
  const pixels = mean.length
  const count = basis.length / pixels
  const latents = tf.tidy(() => {
    const x = tf.div(tf.tensor2d(set.samples, [set.count, pixels], 'float32'), 255)
    return tf.matMul(tf.sub(x, mean), tf.tensor2d(basis, [pixels, count]))
  })
  const flat = await readAndDispose(latents)
  return Array.from({ length: set.count }, (_, i) => flat.slice(i * count, (i + 1) * count))
}

export function fitTables(latents: Float32Array[], count: number, step: number): Tables {
  const bits = Array.from({ length: count }, (_, k) => {
    const frequencies = new Map<number, number>()
    for (const latent of latents) {
      const symbol = Math.round(latent[k] / step) + 0
      frequencies.set(symbol, (frequencies.get(symbol) ?? 0) + 1)
    }
    return new Map([...frequencies].map(([symbol, n]) => [symbol, -Math.log2(n / (latents.length + 1))]))
  })
  return { bits, rareBits: Math.log2(latents.length + 1) }
}

/** The rate of one image. */
export function rateBits(
  latent: Float32Array,
  count: number,
  step: number,
  { bits, rareBits }: Tables,
): number {
  let sum = 0
  for (let k = 0; k < count; k++) sum += bits[k].get(Math.round(latent[k] / step) + 0) ?? rareBits
  return sum
}

/** latents -> quantized -> 8-bit samples */
export async function reconstruct(
  latents: Float32Array[],
  { mean, basis }: PrincipalComponents,
  count: number,
  step: number,
): Promise<Uint8Array[]> {
  const all = basis.length / mean.length
  const quantized = new Float32Array(latents.length * all)
  latents.forEach((latent, i) => {
    for (let k = 0; k < count; k++) quantized[i * all + k] = Math.round(latent[k] / step) * step
  })
  const decoded = tf.tidy(() => {
    const y = tf.matMul(
      tf.tensor2d(quantized, [latents.length, all]),
      tf.tensor2d(basis, [mean.length, all]),
      false,
      true,
    )
    return tf.mul(tf.add(y, mean), 255)
  })
  const samples = Uint8ClampedArray.from(await readAndDispose(decoded)) // rounds, and clips to 0..255
  const size = mean.length
  return latents.map((_, i) => new Uint8Array(samples.buffer, i * size, size))
}
