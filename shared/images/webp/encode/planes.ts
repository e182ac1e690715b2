/** RGBA -> Y, U and V of BT.601's limited range, chroma halved, padded to whole macroblocks by repeated edges. */

export interface Plane {
  /** [height, stride] */
  source: Uint8Array
  /** What the decoder will reconstruct, filled macroblock by macroblock. */
  decoded: Uint8ClampedArray
  stride: number
}

/** Y, U, V */
export function toPlanes(rgba: ArrayLike<number>, width: number, height: number): [Plane, Plane, Plane] {
  const [columns, rows] = [(width + 15) >> 4, (height + 15) >> 4]
  const [luma, u, v] = [
    newPlane(16 * columns, 16 * rows),
    newPlane(8 * columns, 8 * rows),
    newPlane(8 * columns, 8 * rows),
  ]
  const sums = new Float64Array(3 * 64 * columns * rows) // red, green and blue of four pixels
  for (let y = 0; y < 16 * rows; y++)
    for (let x = 0; x < luma.stride; x++) {
      const at = 4 * (Math.min(y, height - 1) * width + Math.min(x, width - 1))
      const [red, green, blue] = [rgba[at], rgba[at + 1], rgba[at + 2]]
      luma.source[y * luma.stride + x] = (16839 * red + 33059 * green + 6420 * blue + (33 << 15)) >> 16
      const sum = 3 * ((y >> 1) * u.stride + (x >> 1))
      sums[sum] += red
      sums[sum + 1] += green
      sums[sum + 2] += blue
    }
  for (let i = 0; i < u.source.length; i++) {
    const [red, green, blue] = [sums[3 * i], sums[3 * i + 1], sums[3 * i + 2]]
    u.source[i] = (28800 * blue - 9719 * red - 19081 * green + (257 << 17)) >> 18
    v.source[i] = (28800 * red - 24116 * green - 4684 * blue + (257 << 17)) >> 18
  }
  return [luma, u, v]
}

const newPlane = (stride: number, height: number): Plane => ({
  source: new Uint8Array(stride * height),
  decoded: new Uint8ClampedArray(stride * height),
  stride,
})
