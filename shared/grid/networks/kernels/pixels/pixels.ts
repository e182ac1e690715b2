/**
 * Between 8-bit pictures and the networks' planes of 16 bits, compiled to pixels.wasm by AssemblyScript. tile-pixels.ts sets
 * the addresses, in convolve.wat's memory. Eight samples at a time; what is read or written too much lies in the slack
 * that tile-pixels.ts leaves.
 */
import { BLOCK } from '../../../grid-shape'
import { GREY } from '../../network-shape'
import { height, known, width } from './level'

export * from './axes'
export * from './blocks'
export * from './colours'
export * from './level'
export * from './sparse'

/** u8 [4 height, 4 width, 3]: the level's picture. */
export let picture: usize = 0
/** i16 [(4 wide + 2) * 3]: a row of the known picture, with a pixel more on both sides, in eighths. */
export let between: usize = 0
/** i16 [16 wide * 3]: a row of the known picture at four times its size, in 64ths of a level. */
export let row: usize = 0

// The tile's window, in blocks.
export let left: i32 = 0
export let top: i32 = 0
export let wide: i32 = 0
export let high: i32 = 0

/** Row `y` of the window's upsampled known picture: bilinear, with half-pixel centres, its border repeated. Exact. */
function upsample(y: i32): void {
  const near = top * 4 + (y >> 2)
  const far = max(0, min(height - 1, (y & 3) < 2 ? near - 1 : near + 1))
  betweenRows(known + near * width * 3, known + far * width * 3, (y & 3) % 3 === 0 ? 3 : 1)
  let middle = between + 6
  for (let to = row, end = row + wide * BLOCK * 6; to < end; to += 24, middle += 6) {
    const before = v128.load(middle - 6) // three samples before, three of the pixel, two after
    const after = v128.load(middle) // three of the pixel, three after
    const first = i16x8.add(
      i16x8.mul(v128.shuffle<i16>(before, before, 3, 4, 5, 3, 4, 5, 3, 4), i16x8(5, 5, 5, 7, 7, 7, 7, 7)),
      i16x8.mul(v128.shuffle<i16>(before, after, 0, 1, 2, 0, 1, 2, 11, 12), i16x8(3, 3, 3, 1, 1, 1, 1, 1)),
    )
    const last = i16x8.add(
      i16x8.mul(v128.shuffle<i16>(after, after, 2, 0, 1, 2, 0, 0, 0, 0), i16x8(7, 5, 5, 5, 0, 0, 0, 0)),
      i16x8.mul(v128.shuffle<i16>(after, after, 5, 3, 4, 5, 0, 0, 0, 0), i16x8(1, 3, 3, 3, 0, 0, 0, 0)),
    )
    v128.store(to, first)
    v128.store64_lane(to, last, 0, 16)
  }
}

/** near, far: the two rows' first pixels; share: eighths of the far one. */
function betweenRows(near: usize, far: usize, share: i32): void {
  const nearShare = i16x8.splat((8 - share) as i16)
  const farShare = i16x8.splat(share as i16)
  const first = left * 12
  for (let i = 0; i < wide * 12; i += 8) {
    const a = i16x8.mul(v128.load_ext<u8>(near + first + i), nearShare)
    const b = i16x8.mul(v128.load_ext<u8>(far + first + i), farShare)
    v128.store(between + 6 + i * 2, i16x8.add(a, b))
  }
  const before = max(0, left * 4 - 1) * 3
  const after = min(width - 1, (left + wide) * 4) * 3
  for (let c = 0; c < 3; c++) {
    const sumBefore = (8 - share) * load<u8>(near + before + c) + share * load<u8>(far + before + c)
    store<i16>(between + c * 2, sumBefore)
    const sumAfter = (8 - share) * load<u8>(near + after + c) + share * load<u8>(far + after + c)
    store<i16>(between + 6 + wide * 24 + c * 2, sumAfter)
  }
}

/** A row of the window in the level's picture. */
function pictureRow(y: i32): usize {
  return picture + ((top * BLOCK + y) * width * 4 + left * BLOCK) * 3
}

/** The encoder's input. residual: i16 [16 high, 16 wide, 3] */
export function takeResidual(residual: usize): void {
  for (let y = 0; y < high * BLOCK; y++) {
    upsample(y)
    let from = pictureRow(y)
    for (let up = row, end = row + wide * BLOCK * 6; up < end; up += 16, from += 8, residual += 16)
      v128.store(residual, i16x8.sub(i16x8.shl(v128.load_ext<u8>(from), 6), v128.load(up)))
  }
}

/** The window's picture: known + linear. i16 [16 high, 16 wide, 3] */
export function draw(linear: usize): void {
  for (let y = 0; y < high * BLOCK; y++) {
    upsample(y)
    let to = pictureRow(y)
    for (let up = row, end = row + wide * BLOCK * 6; up < end; up += 32, linear += 32, to += 16) {
      const first = i16x8.add_sat_s(v128.load(up), v128.load(linear))
      const last = i16x8.add_sat_s(v128.load(up, 16), v128.load(linear, 16))
      v128.store(to, i8x16.narrow_i16x8_u(inLevels(first, 32), inLevels(last, 32)))
    }
  }
}

/** From 64ths of a level; `offset` is added before. */
function inLevels(sums: v128, offset: i16): v128 {
  return i16x8.shr_s(i16x8.add_sat_s(sums, i16x8.splat(offset)), 6)
}

/** The same, for the restoration network: drawn: i16 [16 high, 16 wide, 3] with `pad` pixels around, which repeat its border. */
export function addKnown(linear: usize, drawn: usize, drawnRow: i32, pad: i32): void {
  const last = high * BLOCK - 1
  const grey = i16x8.splat(GREY as i16)
  for (let y = 0; y <= last; y++) {
    upsample(y)
    const first = drawn + y * drawnRow
    let to = first
    for (let up = row, end = row + wide * BLOCK * 6; up < end; up += 16, linear += 16, to += 16)
      v128.store(to, i16x8.add_sat_s(i16x8.sub(v128.load(up), grey), v128.load(linear)))
    repeatPixel(first, -6, pad)
    repeatPixel(to - 6, 6, pad)
  }
  for (let i = 1; i <= pad; i++) {
    memory.copy(drawn - 6 * pad - i * drawnRow, drawn - 6 * pad, drawnRow)
    memory.copy(drawn - 6 * pad + (last + i) * drawnRow, drawn - 6 * pad + last * drawnRow, drawnRow)
  }
}

function repeatPixel(pixel: usize, step: i32, count: i32): void {
  for (let i = 1; i <= count; i++)
    for (let c = 0; c < 6; c += 2) store<i16>(pixel + i * step + c, load<i16>(pixel + c))
}

/**
 * The picture of blocks [firstRow, endRow) x [firstColumn, endColumn) of the window: drawn + detail.
 * detail: i16 [4 high, 4 wide, (dy, dx, channel) of 4 x 4 pixels].
 */
export function drawRestored(
  drawn: usize,
  drawnRow: i32,
  detail: usize,
  firstRow: i32,
  endRow: i32,
  firstColumn: i32,
  endColumn: i32,
): void {
  for (let y = firstRow * BLOCK; y < endRow * BLOCK; y++) {
    const skipped = firstColumn * BLOCK * 6
    let from = drawn + y * drawnRow + skipped
    let fromDetail = detail + (y >> 2) * wide * 4 * 96 + skipped * 4 + (y & 3) * 24
    let to = pictureRow(y) + firstColumn * BLOCK * 3
    for (let x = firstColumn * 4; x < endColumn * 4; x++, from += 24, fromDetail += 96, to += 12) {
      const first = inLevels(i16x8.add_sat_s(v128.load(from), v128.load(fromDetail)), (GREY + 32) as i16)
      const last = inLevels(
        i16x8.add_sat_s(v128.load64_zero(from, 16), v128.load64_zero(fromDetail, 16)),
        (GREY + 32) as i16,
      )
      const samples = i8x16.narrow_i16x8_u(first, last)
      v128.store64_lane(to, samples, 0)
      v128.store32_lane(to, samples, 2, 8)
    }
  }
}
