/** What the integers of a network's planes count, on samples of [0, 1], and how large they may get. */
import { FRACTION } from '../../../shared/grid/networks/grid-networks.ts'
import { UNIT } from '../../../shared/grid/planes/plane-groups.ts'

export const PIXEL_UNIT = 1 / (64 * 255)
export const LATENT_UNIT = UNIT / FRACTION
export const KNOWN_UNIT = 1 / 510
/** Where the largest values that were seen lie, of 32,767: photographs to come may have larger ones. */
export const LARGEST = 4096
/** As far as sums of a layer and what it is added to may go. */
export const LARGEST_SUM = 12_000
