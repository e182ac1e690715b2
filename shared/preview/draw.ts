/**
 * Coefficients -> a picture of any size: the cosines are evaluated at its own pixels. Only integers of 32 bits that
 * wrap; `>>` rounds down. In a cosine 2048 stands for 1.
 */

/** A plane's coefficients in eighths of a sample, row by row of v; u + v < band. */
export interface Plane {
  band: number
  coefficients: Int32Array
}

/** cos(angle), of 32768; `angle` is in [0, 32768] for a right angle. Within 2.5 of the true value. */
export function quarterCosine(angle: number): number {
  const square = (angle * angle) >> 15
  const sixth = 8292 - ((square * 636) >> 15)
  return 32768 - ((square * (40425 - ((square * sixth) >> 15))) >> 15)
}

/** The basis [frequency, position]: cos(pi (2 x + 1) u / (2 size)), 1 / sqrt(2) for u = 0. */
export function basisOf(band: number, size: number): Int32Array {
  const found = kept.find((each) => each.band === band && each.size === size)
  if (found) return found.basis
  const basis = newBasis(band, size)
  kept = [{ band, size, basis }, ...kept.slice(0, 1)]
  return basis
}

/** The last two, one for each side: most pictures have the same size. */
let kept: { band: number; size: number; basis: Int32Array }[] = []

function newBasis(band: number, size: number): Int32Array {
  const basis = new Int32Array(band * size)
  for (let u = 0; u < band; u++)
    for (let x = 0; x < size; x++) {
      const turn = ((2 * x + 1) * u) % (4 * size) // 4 size is a full turn
      const quarter = Math.floor(turn / size)
      const within = Math.floor(((turn % size) * 32768) / size)
      const cosine = quarterCosine(quarter & 1 ? 32768 - within : within)
      basis[u * size + x] = u === 0 ? 1448 : (quarter === 1 || quarter === 2 ? -cosine : cosine) >> 4
    }
  return basis
}

/** planes: luma, red - blue, green - magenta -> [height, width, 4], opaque. */
export function drawPlanes(planes: Plane[], width: number, height: number): Uint8ClampedArray<ArrayBuffer> {
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255)
  const band = Math.max(...planes.map((plane) => plane.band))
  const rows = planes.map((plane) => rowsOf(plane, band, width, height))
  const [luma, redBlue, greenMagenta] = rows.map(({ row }) => row)
  for (let y = 0, at = 0; y < height; y++) {
    for (let i = 0; i < rows.length; i++) rows[i].drawRow(y) // for-of would leave an iterator as garbage for each row
    for (let x = 0; x < width; x++, at += 4)
      writePixel(rgba, at, luma[x] >> 14, redBlue[x] >> 14, greenMagenta[x] >> 14)
  }
  return rgba
}

/** `drawRow` fills `row`, [x], in 2^-20 of a sample. */
function rowsOf(plane: Plane, band: number, width: number, height: number) {
  const [across, down] = [basisOf(band, width), basisOf(band, height)]
  const sums = new Int32Array(plane.band)
  const row = new Int32Array(width)
  const drawRow = (y: number) => {
    sumDown(plane, down, height, y, sums)
    sumAcross(sums, across, width, row)
  }
  return { row, drawRow }
}

/** One row of the picture as horizontal coefficients, in 1/32 of a sample. [u] */
function sumDown(
  { band, coefficients }: Plane,
  down: Int32Array,
  height: number,
  y: number,
  row: Int32Array,
): void {
  row.fill(0)
  for (let v = 0, at = 0; v < band; v++)
    for (let u = 0; u + v < band; u++) row[u] += Math.imul(coefficients[at++], down[v * height + y])
  for (let u = 0; u < band; u++) row[u] >>= 9
}

/**
 * Two frequencies at a time, for fewer passes over the row; `band` is even. Destructuring the pair would take 140 bytes
 * of heap.
 */
function sumAcross(sums: Int32Array, across: Int32Array, width: number, row: Int32Array): void {
  row.fill(0)
  for (let u = 0; u < sums.length; u += 2) {
    const even = sums[u]
    const odd = sums[u + 1]
    for (let x = 0, at = u * width; x < width; x++, at++)
      row[x] += Math.imul(even, across[at]) + Math.imul(odd, across[at + width])
  }
}

/** The planes' directions in RGB are (1, 1, 1) / sqrt(3), (1, 0, -1) / sqrt(2), (1, -2, 1) / sqrt(6), in 1/1024. */
function writePixel(
  rgba: Uint8ClampedArray,
  at: number,
  luma: number,
  redBlue: number,
  greenMagenta: number,
): void {
  const grey = Math.imul(591, luma) + 32768
  const side = Math.imul(418, greenMagenta)
  const slope = Math.imul(724, redBlue)
  rgba[at] = (grey + side + slope) >> 16
  rgba[at + 1] = (grey - 2 * side) >> 16
  rgba[at + 2] = (grey + side - slope) >> 16
}

/** Writes a plane, whose zero stands for 128, to the picture's alpha channel. */
export function drawAlpha(plane: Plane, rgba: Uint8ClampedArray, width: number, height: number): void {
  const { row, drawRow } = rowsOf(plane, plane.band, width, height)
  for (let y = 0, at = 3; y < height; y++) {
    drawRow(y)
    for (let x = 0; x < width; x++, at += 4) rgba[at] = 128 + (((row[x] >> 14) + 32) >> 6)
  }
}
