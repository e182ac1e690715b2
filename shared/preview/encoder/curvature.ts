/**
 * How latents change the distance (distance.ts). The decoder is linear up to the clamp, so near the best latent the
 * distance grows by a quadratic form of the latent's error, much the same for all photographs: its matrix is the
 * curvature. Sums, products and square roots of doubles alone, so it is the same on every machine.
 */
import { basisOf } from '../draw.ts'
import type { PreviewParameters } from '../parameters.ts'
import { SQUARED_ERROR_SHARE } from './distance.ts'

/** luma, red - blue, green - magenta as directions in RGB, each of length 1. */
const DIRECTIONS = [
  [1, 1, 1].map((part) => part / Math.sqrt(3)),
  [1, 0, -1].map((part) => part / Math.sqrt(2)),
  [1, -2, 1].map((part) => part / Math.sqrt(6)),
]
/** What weighted OKLab makes of a sample's square in each plane, on the scale of [0, 1]: a mean over photographs. */
const LOOKS = [0.248, 0.435, 1.175]
const PLANE_WEIGHTS = LOOKS.map((looks) => SQUARED_ERROR_SHARE / 3 + (1 - SQUARED_ERROR_SHARE) * looks)

export class Curvature {
  /** The distance per squared step of the coarsest level. [latents, latents] */
  readonly matrix: Float64Array
  /** The sum of its diagonal. */
  readonly trace: number
  readonly #parameters: PreviewParameters
  /** `matrix` is its square: lower triangular times upper. [latents, latents] */
  readonly #root: Float64Array

  constructor(parameters: PreviewParameters) {
    this.#parameters = parameters
    this.matrix = matrixOf(parameters)
    this.trace = this.matrix.reduce(
      (sum, each, i) => (i % (parameters.latents + 1) === 0 ? sum + each : sum),
      0,
    )
    this.#root = rootOf(this.matrix, parameters.latents)
  }

  /** errors of a latent -> the distance that they add. [latents] */
  distanceOf(errors: ArrayLike<number>): number {
    let distance = 0
    for (let d = 0; d < errors.length; d++) {
      let pull = 0
      for (let k = 0; k < d; k++) pull += this.matrix[d * errors.length + k] * errors[k]
      distance += errors[d] * (this.matrix[d * errors.length + d] * errors[d] + 2 * pull)
    }
    return distance
  }

  /** Slopes by each sample [height, width, 3] -> by each latent. [latents] */
  slopesInLatents(slopes: Float64Array, size: { width: number; height: number }): Float64Array {
    const { latents, coefficients, weights, shifts } = this.#parameters
    const byCoefficient = slopesInCoefficients(this.#parameters, slopes, size)
    const byLatent = new Float64Array(latents)
    for (let d = 0, at = 0; d < latents; d++) {
      let sum = 0
      for (let j = 0; j < coefficients; j++, at++) sum += weights[at] * byCoefficient[j]
      byLatent[d] = (sum * (1 << shifts[d])) / 4
    }
    return byLatent
  }

  /** Half the slopes of the distance by each latent -> the step that takes them to zero. [latents] */
  newtonStep(slopes: Float64Array): Float64Array {
    const step = slopes.map((slope) => -slope)
    solve(this.#root, step)
    return step
  }
}

/** Most weights are zero; without them this takes half the time. */
function matrixOf(parameters: PreviewParameters): Float64Array {
  const { latents, coefficients, weights, shifts } = parameters
  const matrix = new Float64Array(latents * latents)
  for (let d = 0; d < latents; d++) {
    const { places, weighted } = nonzero(parameters, d)
    for (let e = 0; e <= d; e++) {
      let sum = 0
      for (let i = 0; i < places.length; i++) sum += weighted[i] * weights[e * coefficients + places[i]]
      // A step is weights / 4 samples, a cosine's mean square 1/2.
      const distance = (sum * (1 << (shifts[d] + shifts[e]))) / (64 * 255 * 255)
      matrix[d * latents + e] = distance
      matrix[e * latents + d] = distance
    }
  }
  return matrix
}

/** The weights of dimension d that are not zero, times their planes', and their coefficients. */
function nonzero(parameters: PreviewParameters, d: number): { places: number[]; weighted: number[] } {
  const { coefficients, weights } = parameters
  const [places, weighted]: number[][] = [[], []]
  for (const [plane, { first, end }] of planesOf(parameters).entries())
    for (let j = first; j < end; j++) {
      const weight = weights[d * coefficients + j]
      if (weight === 0) continue
      places.push(j)
      weighted.push(PLANE_WEIGHTS[plane] * weight)
    }
  return { places, weighted }
}

/** Where each plane's coefficients are. */
function planesOf({ lumaBand, chromaBand }: PreviewParameters) {
  let end = 0
  return [lumaBand, chromaBand, chromaBand].map((band) => {
    const first = end
    end += (band * (band + 1)) / 2
    return { band, first, end }
  })
}

export function product(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i]
  return sum
}

/** Cholesky's decomposition. A dimension that changes nothing gets a root of 1: no step. */
function rootOf(matrix: Float64Array, size: number): Float64Array {
  const root = new Float64Array(size * size)
  for (let i = 0; i < size; i++)
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i * size + j]
      for (let k = 0; k < j; k++) rest -= root[i * size + k] * root[j * size + k]
      if (i !== j) root[i * size + j] = rest / root[j * size + j]
      else root[i * size + i] = rest > 1e-9 * matrix[i * size + i] ? Math.sqrt(rest) : 1
    }
  return root
}

/** Replaces `right` by the solution x of root * root^T * x = right. */
function solve(root: Float64Array, right: Float64Array): void {
  const size = right.length
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) right[i] -= root[i * size + k] * right[k]
    right[i] /= root[i * size + i]
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let k = i + 1; k < size; k++) right[i] -= root[k * size + i] * right[k]
    right[i] /= root[i * size + i]
  }
}

/** Slopes by sample -> means over the pixels of slopes by each plane's cosines. [coefficients] */
function slopesInCoefficients(
  parameters: PreviewParameters,
  slopes: Float64Array,
  size: { width: number; height: number },
): Float64Array {
  const { lumaBand, chromaBand, coefficients } = parameters
  const most = Math.max(lumaBand, chromaBand) // as for drawing, so that the same cosines serve
  const sums = new Float64Array(coefficients)
  for (const [plane, { band, first }] of planesOf(parameters).entries())
    addCosines(partAlong(slopes, DIRECTIONS[plane]), size, most, band, sums.subarray(first))
  const scale = 1 / (2048 * 2048 * size.width * size.height) // of the two cosines, and for the mean
  for (let j = 0; j < coefficients; j++) sums[j] *= scale
  return sums
}

function partAlong(slopes: Float64Array, [red, green, blue]: number[]): Float64Array {
  const part = new Float64Array(slopes.length / 3)
  for (let i = 0, from = 0; i < part.length; i++, from += 3)
    part[i] = red * slopes[from] + green * slopes[from + 1] + blue * slopes[from + 2]
  return part
}

/** Along each row, then down. */
function addCosines(
  part: Float64Array,
  { width, height }: { width: number; height: number },
  bandOfBasis: number,
  band: number,
  sums: Float64Array,
): void {
  const across = new Float64Array(basisOf(bandOfBasis, width)) // twice as fast as integers
  const down = new Float64Array(basisOf(bandOfBasis, height))
  for (let y = 0; y < height; y++)
    for (let u = 0; u < band; u++) {
      let sum = 0
      for (let x = 0; x < width; x++) sum += part[y * width + x] * across[u * width + x]
      for (let v = 0, at = u; u + v < band; at += band - v, v++) sums[at] += sum * down[v * height + y]
    }
}
