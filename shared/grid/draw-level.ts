/** A level's picture, of what is known of its symbols: dequantized, decoded, and restored or deblocked. */
import { deblock } from './deblock.ts'
import { BLOCK_SAMPLES, CHANNELS, KNOWN_SAMPLES } from './grid-shape.ts'
import {
  type BlockLatents,
  type Drawing,
  FRACTION,
  type GridDecoder,
  type LevelKind,
} from './networks/grid-networks.ts'
import { croppedBlocks, type Picture } from './pictures.ts'
import type { LevelSymbols } from './planes/level-symbols.ts'
import { GROUP_OF, UNIT } from './planes/plane-groups.ts'
import { MAX_PLANES } from './planes/plane-shape.ts'
import type { LevelSize } from './pyramid.ts'

/** Given to the network in place of a preview's quantization step. */
export const PREVIEW_STEP = 85 // 16ths of an octave above UNIT: 160/255
const OCTAVE = 16
/**
 * Down to this plane the restoration network draws every level; the lowest and the highest always, if they are small. Large
 * ones would gain as much, but restoring them takes three times as long as all the rest of decoding.
 */
const COARSE_PLANE = 7
/** In blocks: 384 x 256 pixels. */
const SMALL = 384
/** About where in the bytes of a plane its groups begin, and the last one ends, in 64ths. */
const GROUPS_BEGIN = [0, 1, 3, 8, 15, 24, 33, 41, 49, 64]
/** Where in a quantization interval of a plane a latent is put, in FRACTIONs of a UNIT: at 0.445 of it. */
const reconstruction = (plane: number) => ((57 << plane) + 8) >> 4
/** The largest 16-bit integer. */
const MOST = 32767

/** Turning the colours of a large level would take a tenth of its decoding and gain nothing. */
export const kindOf = ({ blocksWide, blocksHigh }: LevelSize, lowest: boolean): LevelKind => ({
  lowest,
  turned: !lowest && blocksWide * blocksHigh <= SMALL,
})

export interface Drawn {
  picture: Picture
  /** What the network is told of the picture if it is the known one of the level above. */
  step: number
}

type Decoder = Pick<GridDecoder, 'decode'>

interface Place {
  lowest: boolean
  highest: boolean
}

/** The finest plane of which something is known; MAX_PLANES if there is none. */
export const finestPlane = (symbols: LevelSymbols) =>
  Math.min(symbols.partial?.block ? symbols.partial.plane : MAX_PLANES, ...symbols.planeOf)

export function draw(
  decoder: Decoder,
  level: LevelSize,
  symbols: LevelSymbols,
  known: Uint8Array,
  knownStep: number,
  place: Place,
): Drawn {
  const plane = finestPlane(symbols)
  const silent = plane === MAX_PLANES
  const step = silent ? knownStep + 2 * OCTAVE : plane * OCTAVE
  const latents = { latents: dequantized(symbols), transforms: symbols.transforms }
  const restoredRows = restoredRowsOf(symbols, place)
  const restored = restoredRows === level.blocksHigh
  const drawing = { step, knownStep, ...kindOf(level, place.lowest) }
  const blocks = decoder.decode(level, known, latents, { ...drawing, restored })
  if (!restored) {
    deblock(blocks, level, step)
    if (restoredRows > 0) restoreLast(restoredRows, decoder, level, blocks, { known, latents, drawing })
  }
  return {
    picture: croppedBlocks(blocks, level),
    step: silent && knownStep === PREVIEW_STEP ? PREVIEW_STEP : step,
  }
}

/**
 * How many rows of blocks, from the bottom, the network draws. Of a large level all down to COARSE_PLANE, and fewer and fewer
 * as the next plane is coded: switched off at once, it would take more from the picture than the next bytes add to it.
 */
function restoredRowsOf(symbols: LevelSymbols, { lowest, highest }: Place): number {
  const { planeOf, partial, count, blocksHigh } = symbols
  const plane = finestPlane(symbols)
  const isSmall = (lowest || highest) && count <= SMALL
  if (isSmall || plane >= COARSE_PLANE) return blocksHigh
  if (plane < COARSE_PLANE - 1) return 0
  const group = planeOf.findIndex((each) => each > plane)
  if (group < 0) return 0
  const [begin, end] = [GROUPS_BEGIN[group], GROUPS_BEGIN[group + 1]]
  const coded = begin + (partial ? Math.floor(((end - begin) * partial.block) / count) : 0)
  return blocksHigh - ((blocksHigh * coded) >> 6)
}

interface Given {
  known: Uint8Array
  latents: BlockLatents
  drawing: Omit<Drawing, 'restored'>
}

/**
 * Draws the last rows anew, and with them a row more, which the network sees, and another one, around which the colours of that
 * one's blocks are measured.
 */
function restoreLast(
  rows: number,
  decoder: Decoder,
  { blocksWide, blocksHigh }: LevelSize,
  blocks: Uint8Array,
  { known, latents: { latents, transforms }, drawing }: Given,
): void {
  const top = Math.max(0, blocksHigh - rows - 2)
  const first = top * blocksWide
  const restored = decoder.decode(
    { blocksWide, blocksHigh: blocksHigh - top },
    known.subarray(first * KNOWN_SAMPLES),
    { latents: latents.subarray(first * CHANNELS), transforms: transforms.subarray(first) },
    { ...drawing, restored: true },
  )
  const from = (blocksHigh - rows) * blocksWide
  blocks.set(restored.subarray((from - first) * BLOCK_SAMPLES), from * BLOCK_SAMPLES)
}

/** [block][CHANNELS], in FRACTIONs of a UNIT. */
function dequantized(symbols: LevelSymbols): Int16Array {
  const { magnitudes, negative, planeOf, partial, count } = symbols
  const latents = new Int16Array(count * CHANNELS)
  for (let channel = 0; channel < CHANNELS; channel++) {
    const group = GROUP_OF[channel]
    const ahead = partial?.group === group ? partial.block : 0 // blocks that are a plane ahead
    for (let block = 0, at = channel * count; block < count; block++, at++) {
      const magnitude = magnitudes[at]
      if (magnitude === 0) continue
      const plane = block < ahead ? partial!.plane : Math.min(planeOf[group], 31 - Math.clz32(magnitude))
      const value = Math.min(MOST, magnitude * FRACTION + reconstruction(plane))
      latents[block * CHANNELS + channel] = negative[at] ? -value : value
    }
  }
  return latents
}

export const latentsOf = (symbols: LevelSymbols | undefined): Float32Array =>
  symbols ? Float32Array.from(dequantized(symbols), (value) => (value * UNIT) / FRACTION) : new Float32Array()
