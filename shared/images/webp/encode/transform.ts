/** VP8's integer transforms (RFC 6386, section 14), as libwebp computes them. */

/** residual [4, 4] -> coefficients [4, 4], both at `at`. */
export function forwardDct(block: Int32Array, at: number): void {
  for (let i = at; i < at + 16; i += 4) {
    const [a0, a1] = [block[i] + block[i + 3], block[i + 1] + block[i + 2]]
    const [a2, a3] = [block[i + 1] - block[i + 2], block[i] - block[i + 3]]
    block[i] = (a0 + a1) * 8
    block[i + 1] = (a2 * 2217 + a3 * 5352 + 1812) >> 9
    block[i + 2] = (a0 - a1) * 8
    block[i + 3] = (a3 * 2217 - a2 * 5352 + 937) >> 9
  }
  for (let i = at; i < at + 4; i++) {
    const [a0, a1] = [block[i] + block[i + 12], block[i + 4] + block[i + 8]]
    const [a2, a3] = [block[i + 4] - block[i + 8], block[i] - block[i + 12]]
    block[i] = (a0 + a1 + 7) >> 4
    block[i + 4] = ((a2 * 2217 + a3 * 5352 + 12000) >> 16) + (a3 === 0 ? 0 : 1)
    block[i + 8] = (a0 - a1 + 7) >> 4
    block[i + 12] = (a3 * 2217 - a2 * 5352 + 51000) >> 16
  }
}

const mul1 = (x: number) => ((x * 20091) >> 16) + x
const mul2 = (x: number) => (x * 35468) >> 16

/** coefficients [4, 4] -> residual [4, 4] times 8, both at `at`: what the decoder adds to its prediction. */
export function inverseDct(block: Int32Array, at: number): void {
  for (let i = at; i < at + 4; i++) inverse4(block, i, 4, 0)
  for (let i = at; i < at + 16; i += 4) inverse4(block, i, 1, 4)
}

function inverse4(block: Int32Array, at: number, step: number, rounding: number): void {
  const [x0, x1, x2, x3] = [
    block[at] + rounding,
    block[at + step],
    block[at + 2 * step],
    block[at + 3 * step],
  ]
  const [a, b] = [x0 + x2, x0 - x2]
  const [c, d] = [mul2(x1) - mul1(x3), mul1(x1) + mul2(x3)]
  block[at] = a + d
  block[at + step] = b + c
  block[at + 2 * step] = b - c
  block[at + 3 * step] = a - d
}

/** The Walsh-Hadamard transform of 16 luma blocks' DC coefficients, [4, 4], in place: it is its own inverse, except for the scale. */
function wht(x: Int32Array, rounding: number, shift: number): void {
  for (let i = 0; i < 16; i += 4) butterfly(x, i, 1, 0, 0)
  for (let i = 0; i < 4; i++) butterfly(x, i, 4, rounding, shift)
}

export const forwardWht = (dc: Int32Array) => wht(dc, 0, 1)
export const inverseWht = (dc: Int32Array) => wht(dc, 3, 3)

function butterfly(x: Int32Array, at: number, step: number, rounding: number, shift: number): void {
  const x0 = x[at] + rounding
  const [x1, x2, x3] = [x[at + step], x[at + 2 * step], x[at + 3 * step]]
  x[at] = (x0 + x1 + x2 + x3) >> shift
  x[at + step] = (x0 + x1 - x2 - x3) >> shift
  x[at + 2 * step] = (x0 - x1 - x2 + x3) >> shift
  x[at + 3 * step] = (x0 - x1 + x2 - x3) >> shift
}
