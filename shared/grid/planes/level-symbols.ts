/** The symbols of one level: of each latent a magnitude in whole UNITs and a sign, and how far they are known. */
import { CHANNELS } from '../grid-shape.ts'
import { GROUP_COUNT, MAX_PLANES } from './plane-shape.ts'

export class LevelSymbols {
  readonly blocksWide: number
  readonly blocksHigh: number
  readonly count: number
  /** [channel][block]: magnitude in units; while decoding, as far as it is known. */
  readonly magnitudes: Uint16Array
  readonly negative: Uint8Array
  /** [block]: transforms.ts; while decoding, 0 where nothing was found yet. */
  readonly transforms: Uint8Array
  /** The last plane that is whole, for each group; MAX_PLANES while none is. */
  readonly planeOf = new Uint8Array(GROUP_COUNT).fill(MAX_PLANES)
  /** The segment in which the bytes ended: blocks before this one are at this plane. */
  partial: { group: number; plane: number; block: number } | undefined

  constructor(blocksWide: number, blocksHigh: number) {
    this.blocksWide = blocksWide
    this.blocksHigh = blocksHigh
    this.count = blocksWide * blocksHigh
    this.magnitudes = new Uint16Array(CHANNELS * this.count)
    this.transforms = new Uint8Array(this.count)
    this.negative = new Uint8Array(CHANNELS * this.count)
  }

  get topPlane(): number {
    let bits = 1
    for (let i = 0; i < this.magnitudes.length; i++) bits |= this.magnitudes[i]
    return 31 - Math.clz32(bits)
  }
}
