/** Latent -> the DCT coefficients of the picture's planes, by a matrix of bytes. Integers of 32 bits that wrap. */
import type { Plane } from './draw.ts'
import type { PreviewParameters } from './parameters.ts'

/** latent: in 1/4096 of the coarsest level's quantization step. -> luma, red - blue, green - magenta */
export function coefficientsOf(parameters: PreviewParameters, latent: ArrayLike<number>): Plane[] {
  const { latents, coefficients, weights, shifts, bias, lumaBand, chromaBand } = parameters
  const sums = new Int32Array(coefficients)
  for (let d = 0; d < latents; d++) {
    const value = latent[d] << shifts[d]
    if (value === 0) continue
    for (let j = 0; j < coefficients; j++) sums[j] += Math.imul(weights[d * coefficients + j], value)
  }
  for (let j = 0; j < coefficients; j++) sums[j] = (sums[j] >> 7) + 4 * bias[j]
  const luma = (lumaBand * (lumaBand + 1)) / 2
  const chroma = (chromaBand * (chromaBand + 1)) / 2
  return [
    { band: lumaBand, coefficients: sums.subarray(0, luma) },
    { band: chromaBand, coefficients: sums.subarray(luma, luma + chroma) },
    { band: chromaBand, coefficients: sums.subarray(luma + chroma) },
  ]
}
