/**
 * A level's encoder and decoder, tile by tile, in integers of 16 bits. Pictures are 8-bit samples [16 h, 16 w, 3] of h x w
 * whole blocks, known pictures [4 h, 4 w, 3]; inside, pixels are 64ths of a level and latents FRACTIONs of a UNIT. See
 * train/grid/networks/networks.ts for the same in tfjs.
 */
import { BLOCK, BLOCK_SAMPLES, CHANNELS } from '../grid-shape.ts'
import { FEATURES } from './channels.ts'
import type { PlaneShape } from './kernels/addresses.ts'
import type { BlockTransform, Convolver, Run } from './kernels/convolver.ts'
import type { IntegerLayer } from './kernels/integer-layer.ts'
import { AROUND_CELL, CELL, type DecoderLayer, type EncoderLayer } from './layer-shapes.ts'
import { AS_IS } from './network-shape.ts'
import { forEachRow, type LevelShape, placeIn, type Tile, tilesOf } from './tiles.ts'
import { LOWEST, TRANSFORMS, type Transform } from './transforms.ts'

/** Latents are counted in UNIT / FRACTION. */
export const FRACTION = 8
/** Samples of a block's row. */
const BLOCK_ROW = BLOCK * 3
/** Blocks around a tile that the restoration network sees. */
const HALO = 1

export interface LevelKind {
  /** It is the lowest level, which has matrices of its own. */
  lowest: boolean
  /** Its blocks' colours are turned: kernels/pixels/colours.ts. */
  turned: boolean
}

export type EncoderWeights = Record<EncoderLayer, IntegerLayer>

/** [block][CHANNELS], and each block's transform: its number in TRANSFORMS, 0 on the lowest level. */
export interface BlockLatents {
  latents: Int16Array
  transforms: Uint8Array
}

/** The best transform has the most energy in latents beyond this, in FRACTIONs of a UNIT: 66/255. */
const CHOICE_STEP = 132

export class GridEncoder {
  readonly #net: Convolver

  constructor(net: Convolver, weights: EncoderWeights) {
    this.#net = net
    for (const [name, layer] of Object.entries(weights)) net.add(name as EncoderLayer, layer)
  }

  encode(
    shape: LevelShape,
    picture: Uint8Array,
    known: Uint8Array,
    { lowest, turned }: LevelKind,
    window?: number,
  ): BlockLatents {
    const count = shape.blocksWide * shape.blocksHigh
    const found = { latents: new Int16Array(count * CHANNELS), transforms: new Uint8Array(count) }
    for (const tile of tilesOf(shape, 0, window)) {
      this.#start(shape, tile, picture, known, turned)
      this.#transform(lowest)
      const { values } = this.#net.values('kept')
      const chosen = this.#net.bytes('chosen')
      forEachRow(tile, shape, (first, at, length) => {
        const latents = values.subarray(at * CHANNELS, (at + length) * CHANNELS)
        found.latents.set(latents, first * CHANNELS)
        found.transforms.set(chosen.subarray(at, at + length), first)
      })
    }
    return found
  }

  /** For training: what a level has to add, as its transforms see it, in 64ths. [block][BLOCK_SAMPLES] */
  residualBlocks(shape: LevelShape, picture: Uint8Array, known: Uint8Array, turned: boolean): Int16Array {
    const blocks = new Int16Array(shape.blocksWide * shape.blocksHigh * BLOCK_SAMPLES)
    for (const tile of tilesOf(shape, 0)) {
      this.#start(shape, tile, picture, known, turned)
      const { values, row } = this.#net.values('residual')
      const placeOf = placeIn(tile)
      for (let block = 0, across = row / BLOCK_ROW; block < across * tile.y.length; block++) {
        const from = Math.floor(block / across) * BLOCK * row + (block % across) * BLOCK_ROW
        const { x, y } = placeOf(block)
        for (let i = 0, to = (y * shape.blocksWide + x) * BLOCK_SAMPLES; i < BLOCK; i++, to += BLOCK_ROW)
          blocks.set(values.subarray(from + i * row, from + i * row + BLOCK_ROW), to)
      }
    }
    return blocks
  }

  /** Of each block the best transform's latents. */
  #transform(lowest: boolean): void {
    for (const [number, { matrix, view }] of (lowest ? LOWEST : TRANSFORMS).entries()) {
      if (view !== AS_IS) this.#net.turnBlocks('residual', 'seen', view)
      const from = view === AS_IS ? 'residual' : 'seen'
      this.#net.run({ layer: `enc.${matrix}`, from, to: 'latents', stride: BLOCK })
      this.#net.keepBetter('latents', 'kept', CHOICE_STEP, number)
    }
  }

  /** The residual. */
  #start(shape: LevelShape, tile: Tile, picture: Uint8Array, known: Uint8Array, turned: boolean): void {
    const { pixels } = this.#net
    pixels.startLevel(shape, known, picture)
    const plane = planeOf(tile)
    const [blocks, latents] = [plane(BLOCK, 3), plane(1, CHANNELS)]
    const choice = { energies: plane(1, 2), chosen: plane(1, 1) }
    this.#net.layOut('encoder', { residual: blocks, seen: blocks, latents, kept: latents, ...choice })
    pixels.takeResidual(tile, this.#net.address('residual'))
    if (!turned) return
    pixels.measureColours()
    this.#net.turnColours('residual', placeIn(tile))
  }
}

/** Planes over a tile's blocks, each of `scale` x `scale` pixels. */
const planeOf =
  ({ x, y }: Tile) =>
  (scale: number, channels: number, pad = 0): PlaneShape => ({
    ...{ height: scale * y.length, width: scale * x.length, channels, pad },
  })

/** How blocks of each transform are drawn. */
const drawn = ({ matrix, view }: Transform): BlockTransform => ({ layer: `dec.${matrix}`, view })
const DRAWN = TRANSFORMS.map(drawn)
const DRAWN_LOWEST = LOWEST.map(drawn)

export const RESTORATION_RUNS: readonly Run[] = [
  { layer: 'dec.first', from: 'drawn', to: 'first', stride: CELL, relu: true },
  { layer: 'dec.second', from: 'first', to: 'second', relu: true, added: 'first' },
  { layer: 'dec.third', from: 'second', to: 'third', relu: true, added: 'second' },
  { layer: 'dec.fourth', from: 'third', to: 'fourth', relu: true, added: 'third' },
  { layer: 'dec.last', from: 'fourth', to: 'detail' },
]

export interface DecoderWeights {
  layers: Record<DecoderLayer, IntegerLayer>
  /** What a 16th of an octave adds to dec.first's bias: of the level's step, and of the known picture's. */
  steps: [own: Int32Array, known: Int32Array]
}

/** How a level is drawn. */
export interface Drawing extends LevelKind {
  /** Quantization steps in 16ths of an octave above UNIT: the level's own, and the known picture's. */
  step: number
  knownStep: number
  /** With the restoration network. */
  restored: boolean
}

export class GridDecoder {
  readonly #net: Convolver
  readonly #weights: DecoderWeights

  constructor(net: Convolver, weights: DecoderWeights) {
    this.#net = net
    this.#weights = weights
    for (const [name, layer] of Object.entries(weights.layers)) net.add(name as DecoderLayer, layer)
  }

  /** latents: dequantized. */
  decode(
    shape: LevelShape,
    known: Uint8Array,
    latents: BlockLatents,
    drawing: Drawing,
    window?: number,
  ): Uint8Array {
    const { pixels } = this.#net
    const { restored } = drawing
    for (const tile of tilesOf(shape, restored ? HALO : 0, window)) {
      this.start(shape, tile, known, latents, drawing)
      if (!restored) {
        pixels.draw(tile, this.#net.address('linear'))
        continue
      }
      this.startRestoration(tile, drawing)
      for (const run of RESTORATION_RUNS) this.#net.run(run)
      pixels.drawRestored(tile, this.#net.address('drawn'), this.#net.address('detail'))
    }
    return pixels.picture()
  }

  /** What latents add to the known picture. */
  start(
    shape: LevelShape,
    tile: Tile,
    known: Uint8Array,
    { latents, transforms }: BlockLatents,
    { lowest, turned, restored }: Pick<Drawing, 'lowest' | 'turned' | 'restored'>,
  ): void {
    this.#net.pixels.startLevel(shape, known)
    this.#net.layOut('decoder', { ...linearPlanes(tile), ...(restored && restorationPlanes(tile)) })
    const { values } = this.#net.values('latents')
    const ofLevel = lowest ? DRAWN_LOWEST : DRAWN
    forEachRow(tile, shape, (first, at, length) =>
      values.set(latents.subarray(first * CHANNELS, (first + length) * CHANNELS), at * CHANNELS),
    )
    const placeOf = placeIn(tile)
    const transformOf = (block: number) => {
      const { x, y } = placeOf(block)
      return ofLevel[transforms[y * shape.blocksWide + x]]
    }
    if (turned) this.#net.pixels.measureColours()
    this.#net.drawBlocks('latents', 'linear', transformOf, turned ? placeOf : undefined)
  }

  /** The picture, for RESTORATION_RUNS. */
  startRestoration(tile: Tile, { step, knownStep }: Pick<Drawing, 'step' | 'knownStep'>): void {
    const [own, known] = this.#weights.steps
    const { bias } = this.#weights.layers['dec.first']
    this.#net.setBias(
      'dec.first',
      bias.map((value, i) => value + step * own[i] + knownStep * known[i]),
    )
    this.#net.pixels.addKnown(tile, this.#net.address('linear'), this.#net.address('drawn'))
  }
}

function linearPlanes(tile: Tile): Record<string, PlaneShape> {
  const plane = planeOf(tile)
  return { latents: plane(1, CHANNELS), linear: plane(BLOCK, 3) }
}

function restorationPlanes(tile: Tile): Record<string, PlaneShape> {
  const plane = planeOf(tile)
  const cells = BLOCK / CELL
  const features = plane(cells, FEATURES, 1)
  return {
    ...{ drawn: plane(BLOCK, 3, AROUND_CELL), first: features, second: features },
    ...{ third: features, fourth: features },
    detail: plane(cells, CELL * CELL * 3),
  }
}
