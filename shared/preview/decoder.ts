/**
 * The integer decoder in place of a network: latents, in the coarsest level's quantization steps -> samples of the
 * model's size.
 */
import type { Network } from '../network/network.ts'
import { coefficientsOf } from './coefficients.ts'
import { drawPlanesFast } from './kernel/draw-kernel.ts'
import type { PreviewParameters } from './parameters.ts'
import { power } from './symbols.ts'

/** Latents are integers in 1/4096 of the coarsest level's quantization step: what power() counts in. */
const UNITS = power(0)

/** latent: in the coarsest level's quantization steps -> an opaque picture of any size. [height, width, 4] */
export function drawLatent(
  parameters: PreviewParameters,
  latent: ArrayLike<number>,
  width: number,
  height: number,
): Uint8ClampedArray<ArrayBuffer> {
  const units = Int32Array.from({ length: parameters.latents }, (_, d) => Math.round(latent[d] * UNITS))
  return drawPlanesFast(coefficientsOf(parameters, units), width, height)
}

export function withoutAlpha(rgba: ArrayLike<number>): Uint8Array {
  const samples = new Uint8Array((rgba.length / 4) * 3)
  for (let from = 0, to = 0; from < rgba.length; from += 4) {
    samples[to++] = rgba[from]
    samples[to++] = rgba[from + 1]
    samples[to++] = rgba[from + 2]
  }
  return samples
}

export class PreviewDecoder implements Network {
  readonly inputSize: number
  readonly outputSize: number
  readonly macs: number
  readonly #parameters: PreviewParameters
  readonly #width: number
  readonly #height: number
  #input = new Float32Array(0)

  constructor(parameters: PreviewParameters, { width, height }: { width: number; height: number }) {
    this.#parameters = parameters
    this.#width = width
    this.#height = height
    this.inputSize = parameters.latents
    this.outputSize = 3 * width * height
    this.macs = parameters.latents * parameters.coefficients
  }

  input(batch: number): Float32Array {
    if (this.#input.length < batch * this.inputSize) this.#input = new Float32Array(batch * this.inputSize)
    return this.#input.subarray(0, batch * this.inputSize)
  }

  runToSamples(batch: number): Uint8Array {
    const samples = new Uint8Array(batch * this.outputSize)
    for (let image = 0; image < batch; image++) {
      const latent = this.#input.subarray(image * this.inputSize, (image + 1) * this.inputSize)
      const rgba = drawLatent(this.#parameters, latent, this.#width, this.#height)
      samples.set(withoutAlpha(rgba), image * this.outputSize)
    }
    return samples
  }

  run(batch: number): Float32Array {
    return Float32Array.from(this.runToSamples(batch), (sample) => sample / 255)
  }

  runOnSamples(): Float32Array {
    throw new Error('a decoder reads latents')
  }

  dispose(): void {}
}
