/** Where things are in the memory that convolve.wasm and pixels.wasm share. */

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
