/**
 * The shortest code of at least a given quality. The lengths compared are those of a bisection. A longer code is hardly
 * ever worse, so a length that is good enough settles all longer ones, and one that is not settles all shorter ones. Guesses
 * therefore choose which lengths to draw; only for pictures whose quality falls with length does the result depend on them.
 */

/** How fast a code's quality is assumed to grow while nothing is known of the picture. */
const DB_AN_OCTAVE = 2
/** The quality assumed of the longest code; photographs have 29 to 40. */
const LONGEST_DB = 34
/** If quality grows by leaps, guesses are worthless, and bisection alone is faster. */
const MOST_GUESSES = 6
/** In octaves per square decibel. Points too close together give more, and are not trusted. */
const MOST_BEND = 0.1
/** Two points are not extrapolated farther than this many times the distance between them. */
export const MOST_EXTRAPOLATION = 4

interface Drawn {
  psnrDb: number
}

interface Point {
  bytes: number
  psnrDb: number
}

interface Known<T> {
  /** The longest length known to be too short. */
  fails: number
  /** The shortest length known to be long enough, with its result; at first the longest, not drawn yet. */
  passes: number
  result?: T
}

/**
 * `at` draws the code of a length. `expect` may predict the length better than a line through the lengths drawn so far.
 * Returns the longest code if even that is not good enough.
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

/** The interval in which bisection ends. What is not known yet is decided by the guess; without one it stops there. */
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

/** The length for the target, on the line through the two nearest lengths drawn, or the parabola through three. */
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
