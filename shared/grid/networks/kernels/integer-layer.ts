/** Layers as convolve.wat takes them. */

/** A convolution in 16-bit integers. */
export interface IntegerLayer {
  /** [outputs / 8][taps * length / 2][8][2]: inOrder() */
  weights: Int16Array
  /** In the sums' units. */
  bias: Int32Array
  /** What the sums are divided by, as a power of 2. */
  shift: number
}

/** Weights [taps][length][outputs] in the order in which convolve.wat reads them. */
export function inOrder(weights: Int16Array, outputs: number): Int16Array {
  const ordered = new Int16Array(weights.length)
  for (let block = 0, at = 0; block < outputs; block += 8)
    for (let from = block; from < weights.length; from += 2 * outputs)
      for (let i = from; i < from + 8; i++, at += 2) {
        ordered[at] = weights[i]
        ordered[at + 1] = weights[i + outputs]
      }
  return ordered
}
