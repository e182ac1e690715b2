/** The weights that contexts choose: how many of each there are, and where they are in the model's bytes. */
import { CHANNELS } from '../grid-shape.ts'
import { GROUP_COUNT, MAX_PLANES, ORIENTATIONS, SLANTS } from './plane-shape.ts'

/**
 * Kinds of blocks, whose statistics differ: those of the lowest level, which starts from a preview; and of other levels those
 * with the plain transform, with one for edges across or down, and with one for diagonal edges.
 */
const KINDS = 4
/** How many weights there are of each kind. */
const OF_KIND = {
  base: CHANNELS * MAX_PLANES,
  neighbours: CHANNELS * 10,
  partners: CHANNELS * 7,
  orientation: CHANNELS * ORIENTATIONS,
  own: GROUP_COUNT * 8,
  lower: GROUP_COUNT * 8,
  higher: GROUP_COUNT * 8,
  around: GROUP_COUNT * 8,
  activity: GROUP_COUNT * 8,
  remaining: GROUP_COUNT * 8,
  anyBase: GROUP_COUNT * MAX_PLANES,
  anyLower: GROUP_COUNT * 8,
  anyHigher: GROUP_COUNT * 8,
  anyAround: GROUP_COUNT * 8,
  anyEverything: GROUP_COUNT * 8,
  anyActivity: GROUP_COUNT * 8,
  refinement: GROUP_COUNT * 4,
}
/** Of each of the four bits that say which transform a block has. */
const OF_TRANSFORM_BIT = {
  transformPlane: MAX_PLANES,
  transformGroup: GROUP_COUNT,
  transformOrientation: ORIENTATIONS,
  transformSlant: SLANTS,
  transformAround: 9,
}
const COUNTS = {
  ...scaled(OF_KIND, KINDS),
  ...scaled(OF_TRANSFORM_BIT, 4),
  stop: MAX_PLANES,
}
export type Table = keyof typeof COUNTS
/** Of a level's blocks with the first transform; the other transforms' kinds follow. */
export type Kind = 0 | 1

function scaled<T extends Record<string, number>>(counts: T, factor: number): T {
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, factor * count])) as T
}

/** Where each table's weights of a kind begin; index 0 is a weight that is always 0. */
export function tableStarts(kind: Kind): [Table, number][] {
  let places = 1
  return (Object.keys(COUNTS) as Table[]).map((table) => {
    const start = places + (table in OF_KIND ? (kind * COUNTS[table]) / KINDS : 0)
    places += COUNTS[table]
    return [table, start]
  })
}
export const WEIGHT_COUNT = 1 + Object.values(COUNTS).reduce((sum, count) => sum + count, 0)

export const PARTNER_COUNT = KINDS * CHANNELS * 2

/** What the entropy model of a grid codec is: one byte a weight, and for each kind of block two partners a channel. */
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
