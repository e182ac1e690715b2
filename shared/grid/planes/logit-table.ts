/**
 * Probabilities of a bit as a sum of weights: each context of the bit chooses one weight, and the sum of them is its
 * log odds, in 16ths of a nat. Weights are bytes; all arithmetic is in integers.
 */
import { MOST_LOG_ODDS, PROBABILITY_BITS } from './plane-shape.ts'

export const WEIGHTS_PER_NAT = 16
const TOTAL = 1 << PROBABILITY_BITS

/** round(2^14 / (1 + exp(-i / 2))) for i = -20 to 20: every half nat. */
// biome-ignore format: a table
const HALF_NATS = [1, 1, 2, 3, 5, 9, 15, 25, 41, 67, 110, 180, 295, 480, 777, 1243, 1953, 2989, 4406, 6186, 8192, 10198, 11978, 13395, 14431, 15141, 15607, 15904, 16089, 16204, 16274, 16317, 16343, 16359, 16369, 16375, 16379, 16381, 16382, 16383, 16383]
const PER_ENTRY = WEIGHTS_PER_NAT / 2

/** Log odds -MOST_LOG_ODDS to MOST_LOG_ODDS -> probability of a 1 in 2^14ths, between entries by straight lines. */
export const PROBABILITIES = Uint16Array.from({ length: 2 * MOST_LOG_ODDS + 1 }, (_, i) => {
  const entry = Math.floor(i / PER_ENTRY)
  const [here, next] = [HALF_NATS[entry], HALF_NATS[entry + 1] ?? HALF_NATS[entry]]
  const p = here + Math.floor(((next - here) * (i % PER_ENTRY)) / PER_ENTRY)
  return Math.max(1, Math.min(TOTAL - 1, p))
})
