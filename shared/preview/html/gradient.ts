/** A code's picture as CSS: three gradients, each fading out from a corner, over a colour. */
import { decode } from '../preview.ts'

const SIDE = 8
const CORNERS = ['0 0', '100%0', '0 100%']
const LAYERS = CORNERS.length + 1

/**
 * For `background`, in at most 150 characters: `radial-gradient(at 0 0,#aabbcc,#0000),...,#aabbcc`. The colours are
 * those nearest to the picture (least squares). Throws CodecError if the code is invalid.
 */
export function toGradient(code: string | Uint8Array): string {
  const { rgba } = decode(code, { width: SIDE, height: SIDE })
  const colors = solve(rgba).map(hex)
  return [...CORNERS.map((at, i) => `radial-gradient(at ${at},${colors[i]},#0000)`), colors[3]].join()
}

/** What each layer contributes to a pixel: its opacity, times what the layers above it let through. */
function weights(x: number, y: number): number[] {
  let through = 1
  const opacities = [Math.hypot(x, y), Math.hypot(1 - x, y), Math.hypot(x, 1 - y)].map(
    (d) => 1 - d / Math.SQRT2,
  )
  return [...opacities, 1].map((opacity) => {
    const weight = through * opacity
    through -= weight
    return weight
  })
}

const SWEEPS = 40

/** The layers' colours [4][3] in [0, 255]: Gauss-Seidel sweeps over the normal equations, each value clamped. */
function solve(rgba: ArrayLike<number>): number[][] {
  const layers = Array.from({ length: SIDE * SIDE }, (_, i) =>
    weights(((i % SIDE) + 0.5) / SIDE, (Math.floor(i / SIDE) + 0.5) / SIDE),
  )
  const colors = Array.from({ length: LAYERS }, () => [128, 128, 128])
  for (let sweep = 0; sweep < SWEEPS * LAYERS; sweep++) {
    const k = sweep % LAYERS
    const energy = layers.reduce((sum, w) => sum + w[k] ** 2, 0)
    for (let c = 0; c < 3; c++) {
      const missing = (w: number[], i: number) =>
        rgba[4 * i + c] - w.reduce((sum, weight, j) => sum + weight * colors[j][c], 0)
      const step = layers.reduce((sum, w, i) => sum + w[k] * missing(w, i), 0) / energy
      colors[k][c] = Math.max(0, Math.min(255, colors[k][c] + step))
    }
  }
  return colors
}

const hex = (color: number[]) =>
  `#${color.map((value) => Math.round(value).toString(16).padStart(2, '0')).join('')}`
