import type { CellsPerSide } from './cells/jpeg-cells.ts'
import type { Component } from './jpeg-frame.ts'
import type { ScanHistory } from './jpeg-scan-history.ts'

export interface Plane {
  component: Component
  quantization: Uint16Array // zigzag order; as it was when the component's first scan began
  cells: Uint8Array // [8-pixel blocks down * n, blocks across * n]
  stride: number
  /** Blocks that hold samples. Whole MCUs may have more, for which the plane has room. */
  blocksAcross: number
  blocksDown: number
  mcuBlocksAcross: number
  width: number // samples, at n = 8
  height: number
  /** If progressive: one coefficient per block if n = 1, else 64, in zigzag order. */
  coefficients: Int16Array
  /** If progressive: the zigzag index of each block's last coefficient that is not zero. */
  lastNonzero: Uint8Array
  history: ScanHistory
  seen: boolean
}

export interface Planes {
  n: CellsPerSide
  planes: Plane[]
}
