/** Blocks of 16 x 16 pixels as transforms see them, and which transform suits one. */
import { BLOCK } from '../../../grid-shape'
import { TRANSPOSED } from '../../network-shape'

/** Bytes of a pixel, and of a block's row. */
const PIXEL = 6
const ROW = BLOCK * PIXEL

/** i16 [16, 16, 3] from one plane to another, transposed or mirrored. Rows in bytes. */
export function copyView(from: usize, fromRow: i32, to: usize, toRow: i32, view: i32): void {
  const transposed = view === TRANSPOSED
  let first = transposed ? to : to + (ROW - PIXEL)
  for (let y = 0; y < BLOCK; y++, from += fromRow, first += transposed ? PIXEL : toRow) {
    let target = first
    for (let x = 0; x < ROW; x += PIXEL, target += transposed ? toRow : -PIXEL) {
      store<u32>(target, load<u32>(from + x))
      store<u16>(target, load<u16>(from + x, 4), 4)
    }
  }
}

/**
 * For each block of a tile: keeps its latents, i16 [channels], if those beyond `step` hold more energy than the ones kept
 * before. energies: u32 [block]; chosen: u8 [block], the number of the transform.
 */
export function keepBetter(
  latents: usize,
  kept: usize,
  energies: usize,
  chosen: usize,
  blocks: i32,
  channels: i32,
  step: i32,
  transform: i32,
): void {
  const bytes = channels << 1
  for (let block = 0; block < blocks; block++, latents += bytes, kept += bytes, energies += 4) {
    const energy = energyBeyond(latents, bytes, step)
    if (transform > 0 && energy <= load<u32>(energies)) continue
    store<u32>(energies, energy)
    store<u8>(chosen + block, transform)
    memory.copy(kept, latents, bytes)
  }
}

function energyBeyond(latents: usize, bytes: i32, step: i32): u32 {
  const least = i32x4.splat(step * step)
  const none = i32x4.splat(0)
  let sums = none
  for (let at = 0; at < bytes; at += 16) {
    const eight = v128.load(latents + at)
    const low = i32x4.extmul_low_i16x8_s(eight, eight)
    const high = i32x4.extmul_high_i16x8_s(eight, eight)
    sums = i32x4.add(sums, i32x4.max_s(i32x4.sub(low, least), none))
    sums = i32x4.add(sums, i32x4.max_s(i32x4.sub(high, least), none))
  }
  return (
    i32x4.extract_lane(sums, 0) +
    i32x4.extract_lane(sums, 1) +
    i32x4.extract_lane(sums, 2) +
    i32x4.extract_lane(sums, 3)
  )
}
