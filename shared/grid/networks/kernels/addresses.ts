/** Where things are in the memory that convolve.wasm and pixels.wasm share. */
import { BLOCK } from '../../grid-shape.ts'

export interface PlaneAddress {
  /** Of the first pixel. */
  first: number
  /** From a row to the next. */
  rowBytes: number
}

export interface PlacedLayer {
  weights: number
  /** Half a unit of the last place included. */
  bias: number
  shift: number
}

/** Activations [height + 2 pad, width + 2 pad, channels]; the pad is zero. */
export interface PlaneShape {
  height: number
  width: number
  channels: number
  pad?: number
}

export interface Plane extends Required<PlaneShape> {
  at: number
  rowBytes: number
}

/** Where a pixel on the diagonal lies. */
export const pixelOf = ({ at, pad, rowBytes, channels }: Plane, place: number) =>
  at + (pad + place) * (rowBytes + channels * 2)

/** Where a block begins in a plane of three channels. */
export function blockOf({ at, width, rowBytes }: Plane, block: number): number {
  const blocksWide = width / BLOCK
  const y = Math.floor(block / blocksWide)
  return at + BLOCK * (y * rowBytes + (block - y * blocksWide) * 6)
}
