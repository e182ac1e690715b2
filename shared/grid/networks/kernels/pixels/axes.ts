/**
 * The axes along which three numbers vary independently: their covariance's eigenvectors, in floating point of 64 bits, but only
 * by +, -, *, / and square roots, which IEEE 754 gives to the bit everywhere.
 */

/** f64 [3][3]: the covariance; f64 [3][3]: its axes, each a column. Scratch. */
export let axes: usize = 0
const AXES: usize = 72
/** After which hardly anything is left to rotate. */
const SWEEPS = 3
/** Axes of a smaller squared correlation than this count as independent: a rotation is told in 2^-15. */
const INDEPENDENT: f64 = 1e-10

function covariance(i: i32, j: i32): f64 {
  return load<f64>(axes + ((3 * i + j) << 3))
}

export function setCovariance(i: i32, j: i32, value: f64): void {
  store<f64>(axes + ((3 * i + j) << 3), value)
  store<f64>(axes + ((3 * j + i) << 3), value)
}

/** An axis' part in a channel. */
export function axis(channel: i32, k: i32): f64 {
  return load<f64>(axes + AXES + ((3 * channel + k) << 3))
}

function setAxis(channel: i32, k: i32, value: f64): void {
  store<f64>(axes + AXES + ((3 * channel + k) << 3), value)
}

/** By Jacobi's rotations, each of which makes two axes independent. The one along which most varies comes first. */
export function findAxes(): void {
  for (let i = 0; i < 3; i++) for (let k = 0; k < 3; k++) setAxis(i, k, i === k ? 1.0 : 0.0)
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    separate(0, 1, 2)
    separate(0, 2, 1)
    separate(1, 2, 0)
  }
  inOrder(0, 1)
  inOrder(1, 2)
  inOrder(0, 1)
}

function separate(p: i32, q: i32, other: i32): void {
  const shared = covariance(p, q)
  if (shared * shared <= INDEPENDENT * covariance(p, p) * covariance(q, q)) return
  const slope = (covariance(q, q) - covariance(p, p)) / (2.0 * shared)
  const tangent = (slope < 0.0 ? -1.0 : 1.0) / (abs(slope) + sqrt(slope * slope + 1.0))
  const cosine = 1.0 / sqrt(tangent * tangent + 1.0)
  const sine = tangent * cosine
  setCovariance(p, p, covariance(p, p) - tangent * shared)
  setCovariance(q, q, covariance(q, q) + tangent * shared)
  setCovariance(p, q, 0.0)
  const first = covariance(p, other)
  const second = covariance(q, other)
  setCovariance(p, other, cosine * first - sine * second)
  setCovariance(q, other, sine * first + cosine * second)
  for (let i = 0; i < 3; i++) {
    const a = axis(i, p)
    const b = axis(i, q)
    setAxis(i, p, cosine * a - sine * b)
    setAxis(i, q, sine * a + cosine * b)
  }
}

function inOrder(p: i32, q: i32): void {
  const first = covariance(p, p)
  const second = covariance(q, q)
  if (first >= second) return
  setCovariance(p, p, second)
  setCovariance(q, q, first)
  for (let i = 0; i < 3; i++) {
    const a = axis(i, p)
    setAxis(i, p, axis(i, q))
    setAxis(i, q, a)
  }
}
