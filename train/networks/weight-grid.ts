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
/** A bias of 1. */
export const BIAS_UNIT = 1 / 2 / 255

const MOST = 4

/** How coarse a dimension's weights are: more so, in fewer bytes, if it varies less. `reach`: its deviation in coarsest steps. */
export const weightShift = (reach: number): number =>
  Math.max(0, Math.min(MOST, Math.round(2 - 0.6 * Math.log2(Math.max(reach, 1e-6) / 0.4))))

/** Rounding goes this much towards zero: zeros compress best, and small weights are worth least. */
export const TOWARDS_ZERO = 0.18

/** A weight's byte, from its value in steps of the grid. */
export const weightByte = (steps: number): number => Math.round(steps - TOWARDS_ZERO * Math.sign(steps))
