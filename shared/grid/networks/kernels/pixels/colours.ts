/**
 * The axes along which a block's colours vary, guessed from the known picture. A red door's planks differ in red alone, of
 * which grey, red - blue and green - magenta hold a part each: it would be coded three times. So what a block adds to the
 * known picture is turned, such that the axis along which the known picture varies most around the block becomes grey, the
 * next one red - blue.
 */
import { BLOCK } from '../../../grid-shape'
import { axis, findAxes, setCovariance } from './axes'
import { height, known, width } from './level'

/** i32 [block][6]: sums of products of neighbouring pixels' differences in the known picture: rr, gg, bb, rg, rb, gb. */
export let products: usize = 0
/** i16 [3][3] in 2^-15: a rotation. Scratch. */
export let rotation: usize = 0

const PRODUCTS: usize = 24
/** Pixels of the known picture for a block, across and down. */
const CELL = 4
/** Where nothing varies, the axes are grey, red - blue and green - magenta, with variances of 1, 0.06 and 0.02. */
const USUAL_SIDE: f64 = 1.0 / 3.0 + 0.03 + 0.02 / 6.0 // of red, and of blue
const USUAL_GREEN: f64 = 1.0 / 3.0 + 0.08 / 6.0
const USUAL_BESIDE: f64 = 1.0 / 3.0 - 0.04 / 6.0 // green with red, and with blue
const USUAL_ACROSS: f64 = 1.0 / 3.0 - 0.03 + 0.02 / 6.0 // red with blue
/** How much of these is added: a share of what there is, and as much as noise, in squared levels. */
const USUAL_SHARE: f64 = 0.3
const NOISE: f64 = 5760.0
// With these, grey, red - blue and green - magenta have length 1.
const GREY_UNIT: f64 = sqrt<f64>(1.0 / 3.0)
const SIDE_UNIT: f64 = sqrt<f64>(1.0 / 2.0)
const GREEN_UNIT: f64 = sqrt<f64>(1.0 / 6.0)

/** For the whole level, before turnColours(). */
export function measureColours(): void {
  let at = products
  for (let y = 0; y < height; y += CELL)
    for (let x = 0; x < width; x += CELL, at += PRODUCTS) {
      memory.fill(at, 0, PRODUCTS)
      addDifferences(at, x, y, min(x + CELL, width - 1), y + CELL, 3)
      addDifferences(at, x, y, x + CELL, min(y + CELL, height - 1), width * 3)
    }
}

/** Of each pixel from (left, top) to before (right, bottom), and the one that lies `other` bytes after it. */
function addDifferences(at: usize, left: i32, top: i32, right: i32, bottom: i32, other: i32): void {
  let rr = 0
  let gg = 0
  let bb = 0
  let rg = 0
  let rb = 0
  let gb = 0
  for (let y = top; y < bottom; y++)
    for (let x = left; x < right; x++) {
      const pixel = known + (y * width + x) * 3
      const r = <i32>load<u8>(pixel + other) - <i32>load<u8>(pixel)
      const g = <i32>load<u8>(pixel + other, 1) - <i32>load<u8>(pixel, 1)
      const b = <i32>load<u8>(pixel + other, 2) - <i32>load<u8>(pixel, 2)
      rr += r * r
      gg += g * g
      bb += b * b
      rg += r * g
      rb += r * b
      gb += g * b
    }
  store<i32>(at, load<i32>(at) + rr)
  store<i32>(at, load<i32>(at, 4) + gg, 4)
  store<i32>(at, load<i32>(at, 8) + bb, 8)
  store<i32>(at, load<i32>(at, 12) + rg, 12)
  store<i32>(at, load<i32>(at, 16) + rb, 16)
  store<i32>(at, load<i32>(at, 20) + gb, 20)
}

/** Turns a block of the level, i16 [16, 16, 3] with rows of `row` bytes, as transforms take it; or back. */
export function turnColours(block: usize, row: i32, x: i32, y: i32, back: bool): void {
  findCovariance(x, y)
  findAxes()
  findRotation(back)
  rotate(block, row)
}

/** Of the block's cell and the eight around it. */
function findCovariance(x: i32, y: i32): void {
  const red = sumAround(x, y, 0)
  const green = sumAround(x, y, 4)
  const blue = sumAround(x, y, 8)
  const usual = USUAL_SHARE * (red + green + blue) + NOISE
  setCovariance(0, 0, red + usual * USUAL_SIDE)
  setCovariance(1, 1, green + usual * USUAL_GREEN)
  setCovariance(2, 2, blue + usual * USUAL_SIDE)
  setCovariance(0, 1, sumAround(x, y, 12) + usual * USUAL_BESIDE)
  setCovariance(0, 2, sumAround(x, y, 16) + usual * USUAL_ACROSS)
  setCovariance(1, 2, sumAround(x, y, 20) + usual * USUAL_BESIDE)
}

function sumAround(x: i32, y: i32, product: usize): f64 {
  const wide = width / CELL
  let sum = 0
  for (let v = max(0, y - 1), lastRow = min(height / CELL - 1, y + 1); v <= lastRow; v++)
    for (let u = max(0, x - 1), last = min(wide - 1, x + 1); u <= last; u++)
      sum += load<i32>(products + (v * wide + u) * PRODUCTS + product)
  return sum
}

/** From the axes to grey, red - blue and green - magenta: of either direction of an axis the one that is nearer. */
function findRotation(back: bool): void {
  const grey: f64 = axis(0, 0) + axis(1, 0) + axis(2, 0) < 0.0 ? -GREY_UNIT : GREY_UNIT
  const side: f64 = axis(0, 1) - axis(2, 1) < 0.0 ? -SIDE_UNIT : SIDE_UNIT
  const green: f64 = axis(0, 2) - 2.0 * axis(1, 2) + axis(2, 2) < 0.0 ? -GREEN_UNIT : GREEN_UNIT
  for (let j = 0; j < 3; j++) {
    const ofGrey = grey * axis(j, 0)
    const ofSide = side * axis(j, 1)
    const ofGreen = green * axis(j, 2)
    setRotation(0, j, ofGrey + ofSide + ofGreen, back)
    setRotation(1, j, ofGrey - 2.0 * ofGreen, back)
    setRotation(2, j, ofGrey - ofSide + ofGreen, back)
  }
}

function setRotation(i: i32, j: i32, value: f64, back: bool): void {
  const place = back ? 3 * j + i : 3 * i + j
  store<i16>(rotation + (place << 1), <i16>nearest(value * 32767.0))
}

/** Eight pixels at a time. */
function rotate(block: usize, row: i32): void {
  const xRed = v128.load_splat<i16>(rotation)
  const xGreen = v128.load_splat<i16>(rotation, 2)
  const xBlue = v128.load_splat<i16>(rotation, 4)
  const yRed = v128.load_splat<i16>(rotation, 6)
  const yGreen = v128.load_splat<i16>(rotation, 8)
  const yBlue = v128.load_splat<i16>(rotation, 10)
  const zRed = v128.load_splat<i16>(rotation, 12)
  const zGreen = v128.load_splat<i16>(rotation, 14)
  const zBlue = v128.load_splat<i16>(rotation, 16)
  for (let end = block + BLOCK * row; block < end; block += row)
    for (let at = block; at < block + BLOCK * 6; at += 48) {
      const a = v128.load(at)
      const b = v128.load(at, 16)
      const c = v128.load(at, 32)
      const reds = v128.shuffle<i16>(a, b, 0, 3, 6, 9, 12, 15, 0, 0)
      const greens = v128.shuffle<i16>(a, b, 1, 4, 7, 10, 13, 0, 0, 0)
      const blues = v128.shuffle<i16>(a, b, 2, 5, 8, 11, 14, 0, 0, 0)
      const red = v128.shuffle<i16>(reds, c, 0, 1, 2, 3, 4, 5, 10, 13)
      const green = v128.shuffle<i16>(greens, c, 0, 1, 2, 3, 4, 8, 11, 14)
      const blue = v128.shuffle<i16>(blues, c, 0, 1, 2, 3, 4, 9, 12, 15)
      const x = mixed(red, xRed, green, xGreen, blue, xBlue)
      const y = mixed(red, yRed, green, yGreen, blue, yBlue)
      const z = mixed(red, zRed, green, zGreen, blue, zBlue)
      const first = v128.shuffle<i16>(x, y, 0, 8, 0, 1, 9, 0, 2, 10)
      const second = v128.shuffle<i16>(x, y, 0, 3, 11, 0, 4, 12, 0, 5)
      const third = v128.shuffle<i16>(x, y, 13, 0, 6, 14, 0, 7, 15, 0)
      v128.store(at, v128.shuffle<i16>(first, z, 0, 1, 8, 3, 4, 9, 6, 7))
      v128.store(at, v128.shuffle<i16>(second, z, 10, 1, 2, 11, 4, 5, 12, 7), 16)
      v128.store(at, v128.shuffle<i16>(third, z, 0, 13, 2, 3, 14, 5, 6, 15), 32)
    }
}

function mixed(red: v128, ofRed: v128, green: v128, ofGreen: v128, blue: v128, ofBlue: v128): v128 {
  const first = i16x8.add_sat_s(i16x8.q15mulr_sat_s(red, ofRed), i16x8.q15mulr_sat_s(green, ofGreen))
  return i16x8.add_sat_s(first, i16x8.q15mulr_sat_s(blue, ofBlue))
}
