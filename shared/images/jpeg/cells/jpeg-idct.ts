/**
 * The inverse DCT of libjpeg-turbo, bit for bit: "islow", jidctint.c, after Loeffler, Ligtenberg and Moschytz (ICASSP
 * 1989). Constants have 13 bits (CONST_BITS), and between columns and rows 2 more than samples are kept (PASS1_BITS).
 */
const workspace = new Int32Array(64) // [8, 8]: first coefficients, then what columns make of them, then samples

/** Natural (row by row) index of the k-th coefficient in zigzag order. */
export const ZIGZAG = Uint8Array.of(
  ...[
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7,
    14,
  ],
  ...[
    21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46,
    53,
  ],
  ...[60, 61, 54, 47, 55, 62, 63],
)

/** Writes what one block holds into a plane, at `at`. */
export type WriteBlock = (
  coefficients: ArrayLike<number>, // zigzag order, dequantized by `quantization`
  from: number,
  lastNonzero: number, // zigzag index
  quantization: Uint16Array, // zigzag order
  plane: Uint8Array,
  at: number,
  stride: number,
) => void

/** 8 x 8 samples. */
export const writeSamples: WriteBlock = (
  coefficients,
  from,
  lastNonzero,
  quantization,
  plane,
  at,
  stride,
) => {
  const varying = dequantize(coefficients, from, lastNonzero, quantization)
  for (let x = 0; x < 8; x++) {
    if ((varying >> x) & 1) transform(x, 8, 11)
    else repeatDown(x)
  }
  for (let y = 0; y < 8; y++) {
    transform(8 * y, 1, 18)
    const to = at + y * stride
    for (let x = 0; x < 8; x++) plane[to + x] = toByte(workspace[8 * y + x] + 128)
  }
}

/** Clamps a whole number. libjpeg looks it up in a table (its range limit); this is as fast. */
export function toByte(value: number): number {
  return value & ~255 ? (value < 0 ? 0 : 255) : value
}

/** Into the workspace. Bit x of the result: whether column x has anything below its first row. */
function dequantize(
  coefficients: ArrayLike<number>,
  from: number,
  lastNonzero: number,
  quantization: Uint16Array,
): number {
  let varying = 0
  workspace.fill(0)
  for (let k = 0; k <= lastNonzero; k++) {
    const coefficient = coefficients[from + k] * quantization[k]
    if (coefficient === 0) continue
    const index = ZIGZAG[k]
    workspace[index] = coefficient
    if (index > 7) varying |= 1 << (index & 7)
  }
  return varying
}

/** What the transform makes of a column with nothing below its first row. */
function repeatDown(x: number): void {
  const value = workspace[x] << 2
  for (let i = x; i < 64; i += 8) workspace[i] = value
}

/** One column (step 8) or row (step 1) of the workspace, in place. The names are those of jidctint.c. */
function transform(at: number, step: number, shift: number): void {
  const half = 1 << (shift - 1)
  const at2 = at + 2 * step
  const at4 = at + 4 * step
  const at6 = at + 6 * step
  const y0 = workspace[at]
  const y1 = workspace[at + step]
  const y2 = workspace[at2]
  const y3 = workspace[at2 + step]
  const y4 = workspace[at4]
  const y5 = workspace[at4 + step]
  const y6 = workspace[at6]
  const y7 = workspace[at6 + step]

  const z1 = Math.imul(y2 + y6, 4433)
  const even2 = (z1 - Math.imul(y6, 15137)) | 0
  const even3 = (z1 + Math.imul(y2, 6270)) | 0
  const even0 = (((y0 + y4) << 13) + half) | 0
  const even1 = (((y0 - y4) << 13) + half) | 0
  const tmp10 = (even0 + even3) | 0
  const tmp13 = (even0 - even3) | 0
  const tmp11 = (even1 + even2) | 0
  const tmp12 = (even1 - even2) | 0

  const z5 = Math.imul(y7 + y3 + y5 + y1, 9633)
  const z3 = (z5 - Math.imul(y7 + y3, 16069)) | 0
  const z4 = (z5 - Math.imul(y5 + y1, 3196)) | 0
  const far = Math.imul(y7 + y1, 7373)
  const near = Math.imul(y5 + y3, 20995)
  const tmp0 = (Math.imul(y7, 2446) - far + z3) | 0
  const tmp1 = (Math.imul(y5, 16819) - near + z4) | 0
  const tmp2 = (Math.imul(y3, 25172) - near + z3) | 0
  const tmp3 = (Math.imul(y1, 12299) - far + z4) | 0

  workspace[at] = (tmp10 + tmp3) >> shift
  workspace[at + step] = (tmp11 + tmp2) >> shift
  workspace[at2] = (tmp12 + tmp1) >> shift
  workspace[at2 + step] = (tmp13 + tmp0) >> shift
  workspace[at4] = (tmp13 - tmp0) >> shift
  workspace[at4 + step] = (tmp12 - tmp1) >> shift
  workspace[at6] = (tmp11 - tmp2) >> shift
  workspace[at6 + step] = (tmp10 - tmp3) >> shift
}
