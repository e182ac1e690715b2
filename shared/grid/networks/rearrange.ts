/** Activations [h, w, c] between a grid and the finer one that its channels stand for, in TensorFlow's order (dy, dx, channel). */

/** [h*b, w*b, c] -> [h, w, b*b*c]; h and w are of the result. */
export const spaceToDepth = (
  x: Float32Array,
  h: number,
  w: number,
  c: number,
  b: number,
  to: Float32Array,
): void => rearrange(x, h, w, c, b, to, true)

/** [h, w, b*b*c] -> [h*b, w*b, c]; h and w are of the source. */
export const depthToSpace = (
  x: Float32Array,
  h: number,
  w: number,
  c: number,
  b: number,
  to: Float32Array,
): void => rearrange(x, h, w, c, b, to, false)

/** h and w are of the coarser grid. */
function rearrange(
  x: Float32Array,
  h: number,
  w: number,
  c: number,
  b: number,
  to: Float32Array,
  fromFiner: boolean,
): void {
  const line = b * c
  const [fromStep, toStep] = fromFiner ? [line, b * line] : [b * line, line]
  for (let y = 0; y < h; y++)
    for (let dy = 0; dy < b; dy++) {
      const finer = (y * b + dy) * w * line
      const coarser = (y * w * b + dy) * line
      let [from, at] = fromFiner ? [finer, coarser] : [coarser, finer]
      for (let i = 0; i < w; i++, from += fromStep, at += toStep)
        for (let k = 0; k < line; k++) to[at + k] = x[from + k]
    }
}

export function addInPlace(sum: Float32Array, x: Float32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] += x[i]
}
