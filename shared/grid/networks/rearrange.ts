/** Activations [h, w, c] between a grid and the finer one that its channels stand for, in TensorFlow's order (dy, dx, channel). */

/** [h*b, w*b, c] -> [h, w, b*b*c]; h and w are of the result. */
export function spaceToDepth(
  x: Float32Array,
  h: number,
  w: number,
  c: number,
  b: number,
  to: Float32Array,
): void {
  const line = b * c
  for (let y = 0; y < h; y++)
    for (let dy = 0; dy < b; dy++) {
      let from = (y * b + dy) * w * line
      let at = (y * w * b + dy) * line
      for (let i = 0; i < w; i++) {
        for (let k = 0; k < line; k++) to[at + k] = x[from + k]
        from += line
        at += b * line
      }
    }
}

/** [h, w, b*b*c] -> [h*b, w*b, c]; h and w are of the source. */
export function depthToSpace(
  x: Float32Array,
  h: number,
  w: number,
  c: number,
  b: number,
  to: Float32Array,
): void {
  const line = b * c
  for (let y = 0; y < h; y++)
    for (let dy = 0; dy < b; dy++) {
      let at = (y * b + dy) * w * line
      let from = (y * w * b + dy) * line
      for (let i = 0; i < w; i++) {
        for (let k = 0; k < line; k++) to[at + k] = x[from + k]
        at += line
        from += b * line
      }
    }
}

export function addInPlace(sum: Float32Array, x: Float32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] += x[i]
}
