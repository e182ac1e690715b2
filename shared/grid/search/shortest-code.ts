/**
 * The shortest code of at least a given quality: at most NEAR_DB above it, or a 256th longer than one that is not good enough;
 * twice that after two pictures, three times after three, and so on, since each picture costs time.
 * A longer code is hardly ever worse, so a length that is good enough settles all longer ones, and one that is not settles
 * all shorter ones. Each length tried costs a picture drawn.
 */

/** On photographs 1.2 % of the bytes buy this much. */
export const NEAR_DB = 0.05
/** How fast a code's quality is assumed to grow while nothing is known of the picture. */
const DB_AN_OCTAVE = 2
/** In octaves per square decibel. Points too close together give more, and are not trusted. */
const MOST_BEND = 0.1
/** Two points are not extrapolated farther than this many times the distance between them. */
export const MOST_EXTRAPOLATION = 4
/** A guess stays this part of a length away from those drawn before: twice as far after each that missed on the same side. */
const LEAST_STEP = 1 / 256
/** If quality grows by leaps, guesses are worthless, and bisection is faster. */
const MOST_GUESSES = 6
/** Longer guesses than this part of the longest code are it. */
const NEARLY_LONGEST = 63 / 64

interface Drawn {
  psnrDb: number
}

interface Point {
  bytes: number
  psnrDb: number
}

/**
 * `at` draws the code of a length; mostPsnrDb: about what the longest has. `expect` may predict the length for a quality better than a line through the lengths
 * drawn so far. Returns the longest code if even that is not good enough.
 */
export function shortestOf<T extends Drawn>(
  least: number,
  most: number,
  mostPsnrDb: number,
  targetPsnrDb: number,
  at: (bytes: number) => T,
  expect: (psnrDb: number, drawn: Point[]) => number | undefined = () => undefined,
): T {
  const points: Point[] = []
  let fails = Math.min(least, most) - 1
  let passes: { bytes: number; result: T } | undefined
  let wasEnough: boolean | undefined
  let step = LEAST_STEP
  while (!passes || passes.bytes - fails > Math.max(1, (points.length * fails) >> 8)) {
    const nearDb = NEAR_DB * (points.length + 1)
    const goalDb = targetPsnrDb + nearDb / 2
    const guess =
      points.length < MOST_GUESSES
        ? (expect(goalDb, points) ??
          guessed(points.length > 0 ? points : [{ bytes: most, psnrDb: mostPsnrDb }], goalDb))
        : Math.sqrt(fails * (passes?.bytes ?? most))
    const bytes = passes
      ? between(fails, passes.bytes, guess, step)
      : Math.min(most, Math.round(Math.max(fails * (1 + step), guess > NEARLY_LONGEST * most ? most : guess)))
    const result = at(bytes)
    const isEnough = result.psnrDb >= targetPsnrDb
    if (!isEnough && bytes === most) return result
    if (isEnough) passes = { bytes, result }
    else fails = bytes
    step = isEnough === wasEnough ? 2 * step : LEAST_STEP
    wasEnough = isEnough
    points.push({ bytes, psnrDb: result.psnrDb })
    if (passes && passes.result.psnrDb <= targetPsnrDb + nearDb) break
  }
  return passes.result
}

/** The whole number between two others that is nearest to a guess, and not too near to either. */
function between(low: number, high: number, guess: number, step: number): number {
  const [least, most] = [Math.ceil(low * (1 + step)), Math.floor(high / (1 + step))]
  if (least >= most) return Math.max(low + 1, Math.min(high - 1, Math.round(Math.sqrt(low * high))))
  return Math.max(least, Math.min(most, Math.round(guess)))
}

/** The length for a quality, on the line through the two nearest lengths drawn, or the parabola through three. */
function guessed(points: Point[], psnrDb: number): number {
  const distance = (point: Point) => Math.abs(point.psnrDb - psnrDb)
  const [a, b, c] = points.toSorted((one, other) => distance(one) - distance(other))
  const octaves = (from: Point, to: Point) => Math.log2(to.bytes / from.bytes) / (to.psnrDb - from.psnrDb)
  const line = b ? octaves(a, b) : 1 / DB_AN_OCTAVE
  const rise = psnrDb - a.psnrDb
  const isFar = b && Math.abs(rise) > MOST_EXTRAPOLATION * Math.abs(b.psnrDb - a.psnrDb)
  const slope = line > 0 && line < 4 / DB_AN_OCTAVE && !isFar ? line : 1 / DB_AN_OCTAVE
  const bend = c && slope === line ? (octaves(b, c) - line) / (c.psnrDb - a.psnrDb) : 0
  const bent = b && Math.abs(bend) < MOST_BEND ? bend * rise * (psnrDb - b.psnrDb) : 0
  return a.bytes * 2 ** (slope * rise + bent)
}
