/**
 * Piecewise cubic Hermite interpolation that keeps monotone data monotone (Fritsch and Butland 1984; slopes and
 * end conditions as in SciPy's PchipInterpolator).
 */
interface Pchip {
  x: number[]
  y: number[]
  slopes: number[]
}

/** x must rise strictly, two points or more. */
export function pchip(x: number[], y: number[]): Pchip {
  const widths = x.slice(1).map((right, i) => right - x[i])
  const secants = widths.map((width, i) => (y[i + 1] - y[i]) / width)
  if (secants.length === 1) return { x, y, slopes: [secants[0], secants[0]] }
  const inner = secants.slice(1).map((right, i) => innerSlope(secants[i], right, widths[i], widths[i + 1]))
  const first = endSlope(secants[0], secants[1], widths[0], widths[1])
  const last = endSlope(secants.at(-1)!, secants.at(-2)!, widths.at(-1)!, widths.at(-2)!)
  return { x, y, slopes: [first, ...inner, last] }
}

/** The weighted harmonic mean of the secants beside a point; flat if they turn. */
function innerSlope(left: number, right: number, widthLeft: number, widthRight: number): number {
  if (left * right <= 0) return 0
  const weightLeft = 2 * widthRight + widthLeft
  const weightRight = widthRight + 2 * widthLeft
  return (weightLeft + weightRight) / (weightLeft / left + weightRight / right)
}

/** The three-point estimate at an end, limited so that the curve stays monotone. */
function endSlope(near: number, far: number, widthNear: number, widthFar: number): number {
  const slope = ((2 * widthNear + widthFar) * near - widthNear * far) / (widthNear + widthFar)
  if (Math.sign(slope) !== Math.sign(near)) return 0
  if (Math.sign(near) !== Math.sign(far) && Math.abs(slope) > 3 * Math.abs(near)) return 3 * near
  return slope
}

function segmentOf({ x }: Pchip, at: number): number {
  let segment = 0
  while (segment < x.length - 2 && at > x[segment + 1]) segment++
  return segment
}

/** The curve's height at a point inside its range. */
export function pchipAt(curve: Pchip, at: number): number {
  const i = segmentOf(curve, at)
  const width = curve.x[i + 1] - curve.x[i]
  const t = (at - curve.x[i]) / width
  const [y0, y1, m0, m1] = [curve.y[i], curve.y[i + 1], curve.slopes[i] * width, curve.slopes[i + 1] * width]
  return y0 + t * (m0 + t * (3 * (y1 - y0) - 2 * m0 - m1 + t * (2 * (y0 - y1) + m0 + m1)))
}

/** The area under the curve between two points inside its range: Simpson's rule is exact for cubics. */
export function pchipArea(curve: Pchip, from: number, to: number): number {
  const cuts = [from, ...curve.x.filter((x) => x > from && x < to), to]
  return cuts.slice(1).reduce((area, right, i) => {
    const left = cuts[i]
    const middle = pchipAt(curve, (left + right) / 2)
    return area + ((right - left) / 6) * (pchipAt(curve, left) + 4 * middle + pchipAt(curve, right))
  }, 0)
}
