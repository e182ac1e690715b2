/**
 * The grid to which a dct decoder's weights are rounded: bytes times a power of two per dimension, so that training
 * sees what shared/preview computes.
 *
 *     coefficient in eighths of a sample = (weight * latent in 1/4096 of the coarsest step) >> 7
 */
import { DEPENDENT_STEP } from '../export/rate-levels.ts'

const SHIFT = 7
/** A byte weight of 1 in samples of [0, 1], for a latent in units of the coarsest level's uniform step. */
export const WEIGHT_UNIT = (2 ** -SHIFT * 4096) / (8 * 255 * DEPENDENT_STEP)
/** The same for a latent in units of an exported model's coarsest step. */
export const STEP_WEIGHT = WEIGHT_UNIT * DEPENDENT_STEP

const MOST = 4

/** How coarse a dimension's weights are. `reach`: its standard deviation in coarsest steps. */
export const weightShift = (reach: number): number =>
  Math.max(0, Math.min(MOST, Math.round(Math.log2(0.7 / Math.max(reach, 1e-6)))))
