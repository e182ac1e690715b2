/** Linear algebra on a few long columns, in double precision. */

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i]
  return sum
}

/** Modified Gram-Schmidt, in place; a column that becomes much shorter is made orthogonal once more. */
export function orthonormalise(columns: Float64Array[]): Float64Array[] {
  columns.forEach((column, i) => {
    const before = columns.slice(0, i)
    const length = Math.sqrt(dot(column, column))
    removeComponents(column, before)
    const left = Math.sqrt(dot(column, column))
    if (left < 0.5 * length) {
      scale(column, left)
      removeComponents(column, before)
    }
    scale(column, Math.sqrt(dot(column, column)))
  })
  return columns
}

function removeComponents(column: Float64Array, orthonormal: Float64Array[]): void {
  for (const other of orthonormal) {
    const along = dot(column, other)
    for (let p = 0; p < column.length; p++) column[p] -= along * other[p]
  }
}

function scale(column: Float64Array, length: number): void {
  const factor = 1 / (length || 1)
  for (let p = 0; p < column.length; p++) column[p] *= factor
}

/** Eigenvectors of a small symmetric matrix by Jacobi rotations, largest eigenvalue first. */
export function symmetricEigen(matrix: number[][]): { values: number[]; vectors: number[][] } {
  const n = matrix.length
  const a = matrix.map((row) => [...row])
  const v = a.map((_, i) => a.map((_, j) => (i === j ? 1 : 0)))
  for (let sweep = 0; sweep < 20; sweep++)
    for (let p = 0; p < n; p++)
      for (let q = p + 1; q < n; q++) {
        if (Math.abs(a[p][q]) < 1e-15) continue
        const theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
        const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1))
        const cosine = 1 / Math.sqrt(t * t + 1)
        rotate(a, v, p, q, cosine, t * cosine)
      }
  const order = a.map((_, i) => i).sort((i, j) => a[j][j] - a[i][i])
  return { values: order.map((i) => a[i][i]), vectors: order.map((i) => v.map((row) => row[i])) }
}

function rotate(a: number[][], v: number[][], p: number, q: number, c: number, s: number) {
  for (const row of a) [row[p], row[q]] = [c * row[p] - s * row[q], s * row[p] + c * row[q]]
  const [rowP, rowQ] = [a[p], a[q]]
  for (let k = 0; k < a.length; k++)
    [rowP[k], rowQ[k]] = [c * rowP[k] - s * rowQ[k], s * rowP[k] + c * rowQ[k]]
  for (const row of v) [row[p], row[q]] = [c * row[p] - s * row[q], s * row[p] + c * row[q]]
}

/** matrix: symmetric, and for exponents below 0 not singular. */
export function matrixPower(matrix: number[][], exponent: number): number[][] {
  const { values, vectors } = symmetricEigen(matrix)
  return matrix.map((_, i) =>
    matrix.map((_, j) =>
      values.reduce((sum, value, k) => sum + value ** exponent * vectors[k][i] * vectors[k][j], 0),
    ),
  )
}

/** rows [n][m], independent -> inverse(rows rows') rows. [n][m] */
export function leastSquares(rows: number[][]): number[][] {
  const products = rows.map((a) => rows.map((b) => a.reduce((sum, value, j) => sum + value * b[j], 0)))
  return matrixPower(products, -1).map((weights) =>
    rows[0].map((_, j) => weights.reduce((sum, weight, i) => sum + weight * rows[i][j], 0)),
  )
}

/** Turns the columns to the eigenvectors within their subspace. [pixels, vectors] */
export function combine(columns: Float64Array[], vectors: number[][]): Float32Array {
  const pixels = columns[0].length
  const basis = new Float32Array(pixels * vectors.length)
  vectors.forEach((vector, j) => {
    const sum = new Float64Array(pixels)
    vector.forEach((weight, k) => {
      const column = columns[k]
      for (let p = 0; p < pixels; p++) sum[p] += weight * column[p]
    })
    for (let p = 0; p < pixels; p++) basis[p * vectors.length + j] = sum[p]
  })
  return basis
}
