/**
 * Picture to bit planes and back, level by level:
 *
 *     picture -> (given the known picture) encode -> latents -> quantize -> bit planes -> bytes
 *     bytes -> bit planes -> dequantize -> latents -> (given the known picture) decode -> picture, known to the next level
 *
 * The bytes may end anywhere. Whatever symbols they determine are drawn; levels that they do not reach are drawn from the
 * level below.
 */

import { type Drawn, draw, finestPlane, kindOf, latentsOf, PREVIEW_STEP } from './draw-level.ts'
import { CHANNELS } from './grid-shape.ts'
import { FRACTION, type GridDecoder, type GridEncoder } from './networks/grid-networks.ts'
import { blocksOf, knownOf, type Picture, quarterOf } from './pictures.ts'
import { activityOf } from './planes/activity.ts'
import type { BitDecoder, BitEncoder } from './planes/bit-coder.ts'
import { LevelSymbols } from './planes/level-symbols.ts'
import type { PlaneCoder, Recorder } from './planes/plane-coder.ts'
import { MAX_PLANES } from './planes/plane-shape.ts'
import { codePlanes } from './planes/planes.ts'
import { type LevelSize, pyramidOf, quarter } from './pyramid.ts'

export interface GridModel {
  planes: PlaneCoder
  decoder: Pick<GridDecoder, 'decode'>
  /** Absent in browsers, which only decode. */
  encoder?: Pick<GridEncoder, 'encode'>
}

/** Draws the picture that the lowest level starts from, at any size. */
export type DrawPreview = (width: number, height: number) => Uint8Array

/** The segment before which a level ends if there is another above it, which codes the rest. */
interface LevelEnd {
  plane: number
  group: number
}

const LOWER_LEVELS_END: LevelEnd = { plane: 3, group: 0 }

export interface DecodedGrid {
  picture: Picture
  /** How many of the levels have symbols. */
  levelsReached: number
  levels: number
  /** The bytes hold all bit planes. */
  whole: boolean
  /** Dequantized, of the highest level that has symbols: [block][CHANNELS]. */
  latent(): Float32Array
}

type SegmentEnded = (plane: number, group: number, bytes: number) => boolean

interface EncodeOptions {
  /** The last plane of the highest level: at 0 the quantization step is 4/255. */
  lastPlane?: number
  lowerLevelsEnd?: LevelEnd
  record?: Recorder
  /**
   * Called with the highest level's symbols before they are coded, and with what draws the picture that they give; the
   * function it returns is called after each segment, and says whether that is enough. bytes: how many have been written.
   */
  measure?: (source: LevelSymbols, drawFinest: () => Picture, bytes: number) => SegmentEnded
}

/**
 * Codes a picture's bit planes until all are coded or the coder has as many bytes as it may have. If all are, returns
 * what draws the picture that decodeGrid() would.
 */
export function encodeGrid(
  model: GridModel,
  coder: BitEncoder,
  picture: Picture,
  preview: DrawPreview,
  options: EncodeOptions = {},
): (() => DecodedGrid) | undefined {
  const levels = pyramidOf(picture.width, picture.height)
  const pictures = pyramidPictures(picture, levels)
  const { lastPlane = 0, lowerLevelsEnd = LOWER_LEVELS_END } = options
  const stop = (plane: number, group: number) =>
    plane < lowerLevelsEnd.plane || (plane === lowerLevelsEnd.plane && group >= lowerLevelsEnd.group)
  const { planes } = model
  let drawn = previewOf(levels[0], preview)
  let drawWhole: (() => DecodedGrid) | undefined
  planes.start(coder)
  for (const [i, level] of levels.entries()) {
    const highest = i === levels.length - 1
    const known = knownOf(drawn.picture, level)
    const place = { lowest: i === 0, highest }
    const source = quantizedLatents(model.encoder!, level, pictures[i], known, place.lowest)
    const symbols = new LevelSymbols(level.blocksWide, level.blocksHigh)
    planes.startLevel(symbols, i === 0 ? 0 : 1, activityOf(known, level), source, options.record)
    const finest = () => draw(model.decoder, level, source, known, drawn.step, place).picture
    const measure = highest ? options.measure?.(source, finest, planes.neededBytes) : undefined
    const segmentEnded = (plane: number, group: number) =>
      measure?.(plane, group, planes.neededBytes) ?? false
    codePlanes(planes, symbols, highest ? { source, lastPlane, segmentEnded } : { source, stop })
    if (planes.ended) break
    if (!highest) drawn = draw(model.decoder, level, symbols, known, drawn.step, place)
    else if (symbols.planeOf.every((plane) => plane === 0))
      drawWhole = () => ({
        ...{ picture: finest(), levelsReached: levels.length, levels: levels.length, whole: true },
        latent: () => latentsOf(source),
      })
  }
  planes.finish(coder)
  return drawWhole
}

export function decodeGrid(
  model: GridModel,
  coder: BitDecoder,
  { width, height }: { width: number; height: number },
  preview: DrawPreview,
): DecodedGrid {
  const levels = pyramidOf(width, height)
  const { planes } = model
  planes.start(coder)
  let drawn = previewOf(levels[0], preview)
  let levelsReached = 0
  let reached: LevelSymbols | undefined
  for (const [i, level] of levels.entries()) {
    const known = knownOf(drawn.picture, level)
    const symbols = new LevelSymbols(level.blocksWide, level.blocksHigh)
    if (!planes.ended) {
      planes.startLevel(symbols, i === 0 ? 0 : 1, activityOf(known, level))
      codePlanes(planes, symbols, i === levels.length - 1 ? {} : { stop: () => false })
      if (finestPlane(symbols) < MAX_PLANES) [levelsReached, reached] = [i + 1, symbols]
    }
    if (levelsReached === 0) break // the preview at its own size is nearer than levels drawn from it
    const place = { lowest: i === 0, highest: i === levels.length - 1 }
    drawn = draw(model.decoder, level, symbols, known, drawn.step, place)
  }
  return {
    picture: levelsReached > 0 ? drawn.picture : { width, height, samples: preview(width, height) },
    levelsReached,
    levels: levels.length,
    whole: !planes.ended,
    latent: () => latentsOf(reached),
  }
}

/** What each level codes, lowest first. */
export function pyramidPictures(picture: Picture, levels: LevelSize[]): Uint8Array[] {
  const pictures = [blocksOf(picture, levels.at(-1)!)]
  for (let i = levels.length - 1; i > 0; i--)
    pictures.unshift(blocksOf(quarterOf(pictures[0], levels[i]), levels[i - 1]))
  return pictures
}

export function previewOf({ width, height }: LevelSize, preview: DrawPreview): Drawn {
  const [w, h] = [quarter(width), quarter(height)]
  return { picture: { width: w, height: h, samples: preview(w, h) }, step: PREVIEW_STEP }
}

export function quantizedLatents(
  encoder: Pick<GridEncoder, 'encode'>,
  level: LevelSize,
  picture: Uint8Array,
  known: Uint8Array,
  lowest: boolean,
): LevelSymbols {
  const { latents, transforms } = encoder.encode(level, picture, known, kindOf(level, lowest))
  const symbols = new LevelSymbols(level.blocksWide, level.blocksHigh)
  const { magnitudes, negative, count } = symbols
  for (let channel = 0, to = 0; channel < CHANNELS; channel++)
    for (let from = channel; from < count * CHANNELS; from += CHANNELS, to++) {
      magnitudes[to] = Math.abs(latents[from]) / FRACTION
      negative[to] = latents[from] < 0 ? 1 : 0
    }
  symbols.transforms.set(transforms)
  symbols.planeOf.fill(0)
  return symbols
}
