/**
 * A level's encoder and decoder, tile by tile, in integers of 16 bits. Pictures are 8-bit samples [16 h, 16 w, 3] of h x w
 * whole blocks, known pictures [4 h, 4 w, 3]; inside, pixels are 64ths of a level and latents FRACTIONs of a UNIT. See
 * train/grid/networks/networks.ts for the same in tfjs.
 */
import { BLOCK, CHANNELS } from '../grid-shape.ts'
import { FEATURES } from './channels.ts'
import type { Convolver, IntegerLayer, PlaneShape, Run } from './kernels/convolver.ts'
import { AROUND_CELL, CELL, type DecoderLayer, type EncoderLayer } from './layer-shapes.ts'
import { type Tile, tilesOf } from './tiles.ts'

/** Latents are counted in UNIT / FRACTION. */
export const FRACTION = 8
/** Blocks around a tile that the restoration network sees. */
const HALO = 1

interface LevelShape {
  blocksWide: number
  blocksHigh: number
}

export type EncoderWeights = Record<EncoderLayer, IntegerLayer>

const encoderRun = (lowest: boolean): Run => ({
  layer: lowest ? 'enc.lowest' : 'enc.linear',
  from: 'residual',
  to: 'latents',
  stride: BLOCK,
})

export class GridEncoder {
  readonly #net: Convolver

  constructor(net: Convolver, weights: EncoderWeights) {
    this.#net = net
    for (const [name, layer] of Object.entries(weights)) net.add(name as EncoderLayer, layer)
  }

  /** -> latents [block][CHANNELS] */
  encode(
    shape: LevelShape,
    picture: Uint8Array,
    known: Uint8Array,
    lowest: boolean,
    window?: number,
  ): Int16Array {
    const latents = new Int16Array(shape.blocksWide * shape.blocksHigh * CHANNELS)
    for (const tile of tilesOf(shape, 0, window)) {
      this.#start(shape, tile, picture, known)
      this.#net.run(encoderRun(lowest))
      const { values } = this.#net.values('latents')
      forEachRow(tile, shape, (first, at, length) => latents.set(values.subarray(at, at + length), first))
    }
    return latents
  }

  /** The residual, for encoderRun. */
  #start(shape: LevelShape, tile: Tile, picture: Uint8Array, known: Uint8Array): void {
    const { pixels } = this.#net
    pixels.startLevel(shape, known, picture)
    const plane = planeOf(tile)
    this.#net.layOut('encoder', { residual: plane(BLOCK, 3), latents: plane(1, CHANNELS) })
    pixels.takeResidual(tile, this.#net.address('residual'))
  }
}

/** Planes over a tile's blocks, each of `scale` x `scale` pixels. */
const planeOf =
  ({ x, y }: Tile) =>
  (scale: number, channels: number, pad = 0): PlaneShape => ({
    ...{ height: scale * y.length, width: scale * x.length, channels, pad },
  })

/** A tile's rows of latents: where each begins in the level's, where in the tile's, and its length. */
function forEachRow(
  { x, y }: Tile,
  { blocksWide }: LevelShape,
  act: (first: number, at: number, length: number) => void,
): void {
  const length = x.length * CHANNELS
  for (let row = 0; row < y.length; row++)
    act(((y.start + row) * blocksWide + x.start) * CHANNELS, row * length, length)
}

const linearRun = (lowest: boolean): Run => ({
  ...{ layer: lowest ? 'dec.lowest' : 'dec.linear', from: 'latents', to: 'linear' },
  ...{ depth: BLOCK, sparse: true },
})

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
export interface Drawing {
  /** Quantization steps in 16ths of an octave above UNIT: the level's own, and the known picture's. */
  step: number
  knownStep: number
  /** It is the lowest level, which has matrices of its own. */
  lowest: boolean
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

  /** latents: dequantized, [block][CHANNELS]. */
  decode(
    shape: LevelShape,
    known: Uint8Array,
    latents: Int16Array,
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
    latents: Int16Array,
    { lowest, restored }: Pick<Drawing, 'lowest' | 'restored'>,
  ): void {
    this.#net.pixels.startLevel(shape, known)
    this.#net.layOut('decoder', { ...linearPlanes(tile), ...(restored && restorationPlanes(tile)) })
    const { values } = this.#net.values('latents')
    forEachRow(tile, shape, (first, at, length) => values.set(latents.subarray(first, first + length), at))
    this.#net.run(linearRun(lowest))
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
