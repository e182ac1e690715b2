/**
 * One row of drawPlanes() in ../../draw.ts, four pixels at a time, compiled to draw.wasm by AssemblyScript: the same sums in
 * the same integers that wrap, so the same pixels. draw-kernel.ts sets the addresses.
 */

/** Pixels of a row, brought up to a multiple of 4. */
export let width: i32 = 0
/** i32 [width] for each plane: luma, red - blue, green - magenta; in 2^-20 of a sample. */
export let rows: usize = 0
/** u8 [width, 4]: the pixels. */
export let rgba: usize = 0
/** i32 [band]: a row of the picture as horizontal coefficients. */
export let sums: usize = 0

/**
 * A plane's part of a row. coefficients: i32, row by row of v, u + v < band; across: i32 [band, width]; down: i32 [band],
 * of this row of the picture.
 */
export function addPlane(plane: i32, band: i32, coefficients: usize, across: usize, down: usize): void {
  sumDown(band, coefficients, down)
  const to = rows + plane * (width << 2)
  for (let x = 0; x < width << 2; x += 16) {
    let sum = i32x4.splat(0)
    let at = across + x
    for (let u = 0; u < band; u++, at += width << 2)
      sum = i32x4.add(sum, i32x4.mul(v128.load_splat<i32>(sums + (u << 2)), v128.load(at)))
    v128.store(to + x, i32x4.shr_s(sum, 14))
  }
}

/** In 1/32 of a sample. */
function sumDown(band: i32, coefficients: usize, down: usize): void {
  memory.fill(sums, 0, band << 2)
  for (let v = 0; v < band; v++) {
    const share = load<i32>(down + (v << 2))
    for (let u = 0; u + v < band; u++, coefficients += 4) {
      const at = sums + (u << 2)
      store<i32>(at, load<i32>(at) + load<i32>(coefficients) * share)
    }
  }
  for (let u = 0; u < band; u++) {
    const at = sums + (u << 2)
    store<i32>(at, load<i32>(at) >> 9)
  }
}

/** The planes' directions in RGB are (1, 1, 1) / sqrt(3), (1, 0, -1) / sqrt(2), (1, -2, 1) / sqrt(6), in 1/1024. */
export function mixPlanes(): void {
  const rowBytes = width << 2
  for (let x = 0; x < rowBytes; x += 16) {
    const grey = i32x4.add(i32x4.mul(i32x4.splat(591), v128.load(rows + x)), i32x4.splat(32768))
    const slope = i32x4.mul(i32x4.splat(724), v128.load(rows + rowBytes + x))
    const side = i32x4.mul(i32x4.splat(418), v128.load(rows + 2 * rowBytes + x))
    const bright = i32x4.add(grey, side)
    const red = sample(i32x4.add(bright, slope))
    const green = sample(i32x4.sub(grey, i32x4.shl(side, 1)))
    const blue = sample(i32x4.sub(bright, slope))
    const opaque = v128.or(red, i32x4.splat(0xff000000))
    v128.store(rgba + x, v128.or(opaque, v128.or(i32x4.shl(green, 8), i32x4.shl(blue, 16))))
  }
}

function sample(sum: v128): v128 {
  return i32x4.max_s(i32x4.splat(0), i32x4.min_s(i32x4.splat(255), i32x4.shr_s(sum, 16)))
}
