/** The units of the integers in a network's planes, on samples of [0, 1], and how large they may get. */
import { FRACTION } from '../../../shared/grid/networks/grid-networks.ts'
import { UNIT } from '../../../shared/grid/planes/plane-groups.ts'

export const PIXEL_UNIT = 1 / (64 * 255)
export const LATENT_UNIT = UNIT / FRACTION
/** Where the largest values seen are put, of 32,767; other photographs may have larger ones. */
export const LARGEST = 4096
