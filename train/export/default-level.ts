/** The level for requests that name no bound or level: which one it is, and how it is tuned. */
import type { Level } from '../../shared/manifest.ts'
import type { LevelFit } from './fit-level.ts'
import { type LevelPlan, round, type TrainedRates } from './rate-levels.ts'

/** The default level gets its own number of components only if that brings its bytes below this share of what they were. */
const WORTHWHILE = 0.995
const TUNING_ROUNDS = 6
/** How close to the target bytes is close enough, as a share of them. */
const TUNING_TOLERANCE = 0.002

/** The level nearest to the target bytes, or the one trained most, or the one that adds about a third to the error. */
export function chooseDefault(rates: TrainedRates | undefined, fits: LevelFit[]): number {
  if (!rates) return Math.floor((fits.length * 2) / 3)
  if (!rates.targetBytes) return 2 * rates.defaultLevel
  const distances = fits.map(({ level }) => Math.abs(level.meanBytes - rates.targetBytes))
  return distances.indexOf(Math.min(...distances))
}

/** The default level with more components, if they save enough, and with its steps scaled to the target bytes. */
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

/** Halving the step costs a bit in every dimension that is sent; in between, bytes follow about the step's logarithm. */
function stepFactor({ meanBytes, steps }: Level, targetBytes: number): number {
  const excessBits = 8 * (meanBytes - targetBytes)
  return Math.min(1.25, Math.max(0.8, 2 ** (excessBits / (0.8 * steps.length))))
}

const scaleSteps = ({ steps, lambdaBits }: Level, factor: number): LevelPlan => ({
  steps: steps.map((step) => round(step * factor)),
  lambdaBits: lambdaBits / factor ** 2,
})
