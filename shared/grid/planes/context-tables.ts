/** The weights that contexts choose: how many of each there are, and where they are in the model's bytes. */
import { CHANNELS } from '../grid-shape.ts'
import { GROUP_COUNT, MAX_PLANES } from './plane-groups.ts'

/** Lowest levels start from a preview, others from a decoded picture: their statistics differ. */
const KINDS = 2
/** Classes of how much a block varies across, times those of down. */
export const ORIENTATIONS = 36
const TABLES = {
  base: KINDS * CHANNELS * MAX_PLANES,
  neighbours: KINDS * CHANNELS * 10,
  partners: KINDS * CHANNELS * 7,
  orientation: KINDS * CHANNELS * ORIENTATIONS,
  own: KINDS * GROUP_COUNT * 8,
  lower: KINDS * GROUP_COUNT * 8,
  higher: KINDS * GROUP_COUNT * 8,
  around: KINDS * GROUP_COUNT * 8,
  activity: KINDS * GROUP_COUNT * 8,
  remaining: KINDS * GROUP_COUNT * 8,
  anyBase: KINDS * GROUP_COUNT * MAX_PLANES,
  anyLower: KINDS * GROUP_COUNT * 8,
  anyHigher: KINDS * GROUP_COUNT * 8,
  anyAround: KINDS * GROUP_COUNT * 8,
  anyEverything: KINDS * GROUP_COUNT * 8,
  anyActivity: KINDS * GROUP_COUNT * 8,
  refinement: KINDS * GROUP_COUNT * 4,
  stop: MAX_PLANES,
}
type Table = keyof typeof TABLES

/** Where each table begins; index 0 is a weight that is always 0. */
export const START = {} as Record<Table, number>
let places = 1
for (const table of Object.keys(TABLES) as Table[]) {
  START[table] = places
  places += TABLES[table]
}
export const WEIGHT_COUNT = places

/** What the entropy model of a grid codec is: one byte a weight, and two partners a channel. */
export interface GridTables {
  /** [WEIGHT_COUNT], in 16ths of a nat. */
  weights: Int8Array
  /** [CHANNELS * 2] */
  partners: Uint8Array
}
