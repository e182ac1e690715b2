/** The weights that contexts choose: how many of each there are, and where they are in the model's bytes. */
import { CHANNELS } from '../grid-shape.ts'
import { GROUP_COUNT, MAX_PLANES, ORIENTATIONS } from './plane-shape.ts'

/** Lowest levels start from a preview, others from a decoded picture: their statistics differ. */
const KINDS = 2
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
export type Table = keyof typeof TABLES
export type Kind = 0 | 1

/** Where each table's weights of a kind of level begin; index 0 is a weight that is always 0. */
export function tableStarts(kind: Kind): [Table, number][] {
  let places = 1
  return (Object.keys(TABLES) as Table[]).map((table) => {
    const start = places + (table === 'stop' ? 0 : (kind * TABLES[table]) / KINDS)
    places += TABLES[table]
    return [table, start]
  })
}
export const WEIGHT_COUNT = 1 + Object.values(TABLES).reduce((sum, count) => sum + count, 0)

export const PARTNER_COUNT = KINDS * CHANNELS * 2

/** What the entropy model of a grid codec is: one byte a weight, and for each kind of level two partners a channel. */
export interface GridTables {
  /** [WEIGHT_COUNT], in 16ths of a nat. */
  weights: Int8Array
  /** [PARTNER_COUNT]: [kind][channel][2] */
  partners: Uint8Array
}

/** Before any are fitted: every bit is as likely 0 as 1. */
export const EVEN_TABLES: GridTables = {
  weights: new Int8Array(WEIGHT_COUNT),
  partners: new Uint8Array(PARTNER_COUNT),
}

const classes = (starts: number[], count: number) =>
  Uint8Array.from({ length: count }, (_, n) => starts.filter((from) => n >= from).length)
/** Sums up to 255, in 8 classes of growing width. */
export const CLASS_8 = classes([1, 2, 3, 4, 6, 9, 14], 256)
/** 2 * (beside + above and below) + diagonals, 36 at most, in 10 classes. */
export const CLASS_10 = classes([1, 2, 3, 4, 5, 6, 8, 11, 15], 37)
