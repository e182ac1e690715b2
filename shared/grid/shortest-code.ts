/**
 * The shortest code of at least a quality. Halving decides which lengths are compared, so that the result does not depend
 * on guesses; but a code's quality hardly ever falls with its length, so what is known of two lengths is known of those
 * below and above, and guesses say which lengths to draw: drawing one costs some 0.15 s.
 */

/** How much a code's quality grows, as long as nothing is known of the picture. */
const DB_AN_OCTAVE = 2
/** Of the longest codes of photographs, 29 to 40. */
const LONGEST_DB = 34
/** Pictures whose quality grows by leaps make guesses worthless: then halving alone ends sooner. */
const MOST_GUESSES = 6
/** In octaves a square decibel: more comes of points that lie too close together. */
const MOST_BEND = 0.1
/** Two points tell nothing of a quality farther from them than this many times their own distance. */
export const MOST_EXTRAPOLATION = 4

interface Drawn {
  psnrDb: number
}

interface Point {
  bytes: number
  psnrDb: number
}

interface Known<T> {
  /** The longest that was too short, or the least. */
  fails: number
  /** The shortest that was long enough, with its result; without one the longest, not drawn yet. */
  passes: number
  result?: T
}

/**
 * `at` draws the code of so many bytes; `expect` may know better than a line through what was drawn which length will do.
 * Gives the longest if even that is not good enough.
 */
export function shortestOf<T extends Drawn>(
  least: number,
  most: number,
  targetPsnrDb: number,
  at: (bytes: number) => T,
  expect: (drawn: Point[]) => number | undefined = () => undefined,
): T {
  const points: Point[] = []
  const ends: [number, number] = [Math.min(least, most), most]
  const known: Known<T> = { fails: ends[0], passes: most }
  let guess = expect(points) ?? guessed([{ bytes: most, psnrDb: LONGEST_DB }], targetPsnrDb)
  while (true) {
    const [low, high] = halvedTo(points.length < MOST_GUESSES ? guess : undefined, known, ends)
    if (high === known.passes && known.result && low <= known.fails) return known.result
    const bytes = high < known.passes || !known.result ? high : low
    const result = at(bytes)
    points.push({ bytes, psnrDb: result.psnrDb })
    if (result.psnrDb >= targetPsnrDb) [known.passes, known.result] = [bytes, result]
    else if (bytes === most) return result
    else known.fails = bytes
    guess = expect(points) ?? guessed(points, targetPsnrDb)
  }
}

/** Where halving ends, which the guess decides if nothing else does; without a guess it ends at what is not known. */
function halvedTo(
  guess: number | undefined,
  { fails, passes }: Known<unknown>,
  [low, high]: [number, number],
) {
  while (high - low > Math.max(1, low >> 7)) {
    const middle = Math.round(Math.sqrt(low * high))
    const isOpen = middle > fails && middle < passes
    if (isOpen && guess === undefined) return [low, middle]
    if (isOpen ? middle >= guess! : middle >= passes) high = middle
    else low = middle
  }
  return [low, high]
}

/** The length of the quality asked for, on the line through the two lengths nearest to it, or the parabola through three. */
function guessed(points: Point[], targetPsnrDb: number): number {
  const distance = (point: Point) => Math.abs(point.psnrDb - targetPsnrDb)
  const [a, b, c] = points.toSorted((one, other) => distance(one) - distance(other))
  const octaves = (from: Point, to: Point) => Math.log2(to.bytes / from.bytes) / (to.psnrDb - from.psnrDb)
  const line = b ? octaves(a, b) : 1 / DB_AN_OCTAVE
  const rise = targetPsnrDb - a.psnrDb
  const isFar = b && Math.abs(rise) > MOST_EXTRAPOLATION * Math.abs(b.psnrDb - a.psnrDb)
  const slope = line > 0 && line < 4 / DB_AN_OCTAVE && !isFar ? line : 1 / DB_AN_OCTAVE
  const bend = c && slope === line ? (octaves(b, c) - line) / (c.psnrDb - a.psnrDb) : 0
  const bent = b && Math.abs(bend) < MOST_BEND ? bend * rise * (targetPsnrDb - b.psnrDb) : 0
  return a.bytes * 2 ** (slope * rise + bent)
}
