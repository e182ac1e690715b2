/**
 * Rounds weights to symbols, one input after another; the weights not rounded yet compensate for the error of each.
 * This is GPTQ (Frantar et al., 2022, arXiv:2210.17323). At two and a half bits per weight the decoder is within 0.01
 * dB of the trained one; plain rounding needs another bit for that.
 */

/** Added to the second moments like a little noise, as a share of their mean. */
const DAMPING = 0.01

/** weights [inputs][outputs], steps [inputs], patches [n][inputs]: what the layer was given. -> [inputs][outputs] */
export function roundCompensated(
  weights: Float64Array,
  steps: Float64Array,
  patches: Int16Array,
): Int32Array {
  const inputs = steps.length
  const outputs = weights.length / inputs
  const factor = inverseFactor(secondMoments(patches, inputs), inputs)
  const left = weights.slice()
  const symbols = new Int32Array(weights.length)
  const errors = new Float64Array(outputs)
  for (let i = 0; i < inputs; i++) {
    const row = i * outputs
    for (let o = 0; o < outputs; o++) {
      symbols[row + o] = Math.round(left[row + o] / steps[i])
      errors[o] = (left[row + o] - symbols[row + o] * steps[i]) / factor[i * inputs + i]
    }
    for (let j = i + 1; j < inputs; j++) {
      const share = factor[i * inputs + j]
      for (let o = 0; o < outputs; o++) left[j * outputs + o] -= errors[o] * share
    }
  }
  return symbols
}

/** This many patches per input are enough. */
const PATCHES = 4

/** [inputs, inputs], the lower half. */
function secondMoments(patches: Int16Array, inputs: number): Float64Array {
  const moments = new Float64Array(inputs * inputs)
  const every = Math.max(1, Math.floor(patches.length / inputs / Math.max(3000, PATCHES * inputs)))
  for (let at = 0; at < patches.length; at += every * inputs)
    for (let i = 0; i < inputs; i++) {
      const x = patches[at + i]
      if (x !== 0) for (let j = 0; j <= i; j++) moments[i * inputs + j] += x * patches[at + j]
    }
  let trace = 0
  for (let i = 0; i < inputs; i++) trace += moments[i * inputs + i]
  for (let i = 0; i < inputs; i++) moments[i * inputs + i] += (DAMPING * trace) / inputs + 1
  return moments
}

/** Symmetric positive A, its lower half -> U, upper triangular, with A^-1 = U' U. */
function inverseFactor(a: Float64Array, n: number): Float64Array {
  const lower = cholesky(inverse(cholesky(a, n), n), n)
  const upper = new Float64Array(n * n)
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) upper[j * n + i] = lower[i * n + j]
  return upper
}

/** The lower half of A -> L with A = L L'. */
function cholesky(a: Float64Array, n: number): Float64Array {
  const l = new Float64Array(n * n)
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j]
      for (let k = 0; k < j; k++) sum -= l[i * n + k] * l[j * n + k]
      l[i * n + j] = i === j ? Math.sqrt(sum) : sum / l[j * n + j]
    }
  return l
}

/** L -> the lower half of (L L')^-1. */
function inverse(l: Float64Array, n: number): Float64Array {
  const inverted = new Float64Array(n * n) // of L
  for (let column = 0; column < n; column++) {
    inverted[column * n + column] = 1 / l[column * n + column]
    for (let i = column + 1; i < n; i++) {
      let sum = 0
      for (let k = column; k < i; k++) sum -= l[i * n + k] * inverted[k * n + column]
      inverted[i * n + column] = sum / l[i * n + i]
    }
  }
  const result = new Float64Array(n * n)
  for (let k = 0; k < n; k++)
    for (let i = 0; i <= k; i++) {
      const value = inverted[k * n + i]
      for (let j = 0; j <= i; j++) result[i * n + j] += value * inverted[k * n + j]
    }
  return result
}
