/**
 * Between 8-bit pictures and the networks' planes of 16 bits, compiled to pixels.wasm by AssemblyScript. tile-pixels.ts sets
 * the addresses, in convolve.wat's memory. In wasm because a worker draws most of its long codes before an engine has
 * compiled such loops well in JavaScript.
 */
import { BLOCK, KNOWN_SAMPLES } from '../../../grid-shape'
import { GREY } from '../../network-shape'

export * from './sparse'

/** u8 [height, width, 3]: the known picture of the whole level, a quarter as wide and high as its picture. */
export let known: usize = 0
export let width: i32 = 0
export let height: i32 = 0
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

function sample(at: usize): i32 {
  return load<u8>(at)
}

function word(at: usize): i32 {
  return load<i16>(at)
}

/** For each of the four positions around a coarse pixel: eighths of the further neighbour. */
function further(position: i32): i32 {
  return position === 0 || position === 3 ? 3 : 1
}

/** Row `y` of the window's upsampled known picture: bilinear, with half-pixel centres, its border repeated. Exact. */
function upsample(y: i32): void {
  betweenRows(y)
  let middle = between + 6
  for (let to = row, end = row + wide * BLOCK * 6; to < end; middle += 6)
    for (let i = 0; i < 4; i++) {
      const beside = i < 2 ? middle - 6 : middle + 6
      const far = further(i)
      for (let c = 0; c < 3; c++, to += 2) {
        const sum = (8 - far) * word(middle + 2 * c) + far * word(beside + 2 * c)
        store<i16>(to, sum)
      }
    }
}

function betweenRows(y: i32): void {
  const near = top * 4 + (y >> 2)
  const far = max(0, min(height - 1, (y & 3) < 2 ? near - 1 : near + 1))
  const share = further(y & 3)
  let to = between
  for (let i = -1; i <= wide * 4; i++) {
    const column = max(0, min(width - 1, left * 4 + i))
    const a = known + (near * width + column) * 3
    const b = known + (far * width + column) * 3
    for (let c = 0; c < 3; c++, to += 2) {
      const sum = (8 - share) * sample(a + c) + share * sample(b + c)
      store<i16>(to, sum)
    }
  }
}

/** The encoder's input. residual: i16 [16 high, 16 wide, 3]; both: [.., .., 6] in rows of `bothRow` bytes, known last. */
export function takeResidual(residual: usize, both: usize, bothRow: i32): void {
  for (let y = 0; y < high * BLOCK; y++) {
    upsample(y)
    let from = picture + ((top * BLOCK + y) * width * 4 + left * BLOCK) * 3
    let up = row
    let to = both + y * bothRow
    for (let x = 0; x < wide * BLOCK; x++, to += 12)
      for (let c = 0; c < 3; c++, up += 2, from++, residual += 2) {
        const rest = sample(from) * 64 - word(up)
        const rise = word(up) - GREY
        store<i16>(residual, rest)
        store<i16>(to + 2 * c, rest)
        store<i16>(to + 2 * c + 6, rise)
      }
  }
}

/** The decoder's second input: behind each block's latent, what is known of it, -255 to 255. */
export function takeKnown(latents: usize, channels: i32): void {
  for (let y = 0; y < high; y++)
    for (let x = 0; x < wide; x++) {
      let to = latents + ((y * wide + x) * (channels + KNOWN_SAMPLES) + channels) * 2
      for (let dy = 0; dy < 4; dy++) {
        const from = known + (((top + y) * 4 + dy) * width + (left + x) * 4) * 3
        for (let i = 0; i < 12; i++, to += 2) {
          const value = 2 * sample(from + i) - 255
          store<i16>(to, value)
        }
      }
    }
}

/**
 * The picture of blocks [firstRow, endRow) x [firstColumn, endColumn) of the window: known + linear + detail.
 * linear: i16 [16 high, 16 wide, 3]; detail: i16 [4 high, 4 wide, (dy, dx, channel) of 4 x 4 pixels].
 */
export function draw(
  linear: usize,
  detail: usize,
  firstRow: i32,
  endRow: i32,
  firstColumn: i32,
  endColumn: i32,
): void {
  for (let y = firstRow * BLOCK; y < endRow * BLOCK; y++) {
    upsample(y)
    const skipped = firstColumn * BLOCK * 6
    let up = row + skipped
    let fromLinear = linear + y * wide * BLOCK * 6 + skipped
    let fromDetail = detail + (y >> 2) * wide * 4 * 96 + skipped * 4 + (y & 3) * 24
    let to = picture + ((top * BLOCK + y) * width * 4 + (left + firstColumn) * BLOCK) * 3
    for (let x = firstColumn * 4; x < endColumn * 4; x++, fromDetail += 96)
      for (let i = 0; i < 24; i += 2, up += 2, fromLinear += 2) {
        const sum = word(up) + word(fromLinear) + word(fromDetail + i) + 32
        store<u8>(to++, max(0, min(255, sum >> 6)))
      }
  }
}
