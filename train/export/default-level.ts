/** The level that serves if a client asks for nothing: which one it is, and how it is tuned. */
import type { Level } from '../../shared/manifest.ts'
import type { LevelFit } from './fit-level.ts'
import { type LevelPlan, round, type TrainedRates } from './rate-levels.ts'

/** The default level has its own number of components only if that saves as much of its bytes. */
const WORTHWHILE = 0.995
const TUNING_ROUNDS = 6
/** A share of the bytes asked for that is close enough. */
const TUNING_TOLERANCE = 0.002

/** The level nearest to the bytes asked for; the one trained most; or that which adds about a third to the error. */
export function chooseDefault(rates: TrainedRates | undefined, fits: LevelFit[]): number {
  if (!rates) return Math.floor((fits.length * 2) / 3)
  if (!rates.targetBytes) return 2 * rates.defaultLevel
  const distances = fits.map(({ level }) => Math.abs(level.meanBytes - rates.targetBytes))
  return distances.indexOf(Math.min(...distances))
}

/** The default level, with more components if they save enough, its steps scaled to the bytes asked for. */
export function fitDefault(
  first: LevelFit,
  components: { default: number; others: number },
  targetBytes: number,
  fit: (plan: LevelPlan, count: number) => LevelFit,
): LevelFit {
  const many = fit(first.level, components.default)
  const isWorthIt = many.level.meanBytes < WORTHWHILE * first.level.meanBytes
  const count = isWorthIt ? components.default : components.others
  let tuned = isWorthIt ? many : first
  if (!targetBytes) return tuned
  const distance = ({ level }: LevelFit) => Math.abs(level.meanBytes / targetBytes - 1)
  let nearest = tuned
  for (let round = 0; round < TUNING_ROUNDS && distance(nearest) > TUNING_TOLERANCE; round++) {
    tuned = fit(scaleSteps(tuned.level, stepFactor(tuned.level, targetBytes)), count)
    if (distance(tuned) < distance(nearest)) nearest = tuned
  }
  return nearest
}

/** A bit of every sent dimension is a halving of its step; in between, bytes go about with its logarithm. */
function stepFactor({ meanBytes, steps }: Level, targetBytes: number): number {
  const excessBits = 8 * (meanBytes - targetBytes)
  return Math.min(1.25, Math.max(0.8, 2 ** (excessBits / (0.8 * steps.length))))
}

const scaleSteps = ({ steps, lambdaBits }: Level, factor: number): LevelPlan => ({
  steps: steps.map((step) => round(step * factor)),
  lambdaBits: lambdaBits / factor ** 2,
})
