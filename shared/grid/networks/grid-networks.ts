/**
 * The two networks of a level, tile by tile, in integers of 16 bits. Pictures are 8-bit samples [16 h, 16 w, 3] of h x w
 * whole blocks, known pictures [4 h, 4 w, 3]; inside, pixels are 64ths of a level and latents FRACTIONs of a UNIT. See
 * train/grid/networks/networks.ts for the same in tfjs.
 */
import { BLOCK, CHANNELS, KNOWN_SAMPLES } from '../grid-shape.ts'
import { DECODER, ENCODER } from './channels.ts'
import type { Convolver, IntegerLayer, PlaneShape, Run } from './kernels/convolver.ts'
import type { DecoderLayer, EncoderLayer } from './layer-shapes.ts'
import { type Tile, tilesOf } from './tiles.ts'

/** Latents are counted in UNIT / FRACTION. */
export const FRACTION = 8
interface LevelShape {
  blocksWide: number
  blocksHigh: number
}

/** Latents of a block, [CHANNELS] from `at`, as a network reads or writes them. */
type LatentsOf = (block: number, to: Int16Array, at: number) => void

export type EncoderWeights = Record<EncoderLayer, IntegerLayer>

export const ENCODER_RUNS: readonly Run[] = [
  { layer: 'enc.linear', from: 'residual', to: 'linear', stride: BLOCK },
  { layer: 'enc.fine1', from: 'both', to: 'fine1', stride: 4, relu: true },
  { layer: 'enc.fine2', from: 'fine1', to: 'fine2', relu: true, added: 'fine1' },
  { layer: 'enc.mid1', from: 'fine2', to: 'mid1', stride: 2, relu: true },
  { layer: 'enc.mid2', from: 'mid1', to: 'mid2', relu: true, added: 'mid1' },
  { layer: 'enc.deep1', from: 'mid2', to: 'deep1', stride: 2, relu: true },
  { layer: 'enc.deep2', from: 'deep1', to: 'deep2', relu: true, added: 'deep1' },
  { layer: 'enc.last', from: 'deep2', to: 'latents', added: 'linear' },
]

export class GridEncoder {
  readonly #net: Convolver

  /** weights: all, unless they are to be added while they are fitted. */
  constructor(net: Convolver, weights: Partial<EncoderWeights>) {
    this.#net = net
    for (const [name, layer] of Object.entries(weights)) net.add(name as EncoderLayer, layer)
  }

  /** `take` gets each block's latent. */
  encode(shape: LevelShape, picture: Uint8Array, known: Uint8Array, take: LatentsOf, window?: number): void {
    for (const tile of tilesOf(shape.blocksWide, shape.blocksHigh, window)) {
      this.start(shape, tile, picture, known)
      for (const run of ENCODER_RUNS) this.#net.run(run)
      const { values } = this.#net.values('latents')
      forOwn(tile, shape, (block, at) => take(block, values, at * CHANNELS))
    }
  }

  /** The residual, and the residual beside what the picture is known as, for ENCODER_RUNS. */
  start(shape: LevelShape, tile: Tile, picture: Uint8Array, known: Uint8Array): void {
    const { pixels } = this.#net
    pixels.startLevel(shape, known, picture)
    this.#net.layOut('encoder', encoderPlanes(tile.y.length, tile.x.length))
    pixels.takeResidual(tile, this.#net.address('residual'), this.#net.address('both'))
  }
}

/** Planes over a window of height x width blocks, each of `scale` x `scale` pixels. */
const planeOf =
  (height: number, width: number) =>
  (scale: number, channels: number, pad = 0): PlaneShape => ({
    ...{ height: scale * height, width: scale * width, channels, pad },
  })

function encoderPlanes(height: number, width: number): Record<string, PlaneShape> {
  const plane = planeOf(height, width)
  const { fine, mid, deep } = ENCODER
  return {
    ...{ residual: plane(BLOCK, 3), both: plane(BLOCK, 6, 4), linear: plane(1, CHANNELS) },
    ...{ fine1: plane(4, fine, 1), fine2: plane(4, fine, 1), mid1: plane(2, mid, 1), mid2: plane(2, mid, 1) },
    ...{ deep1: plane(1, deep, 1), deep2: plane(1, deep, 1), latents: plane(1, CHANNELS) },
  }
}

export const DECODER_RUNS: readonly Run[] = [
  { layer: 'dec.linear', from: 'latents', to: 'linear', depth: BLOCK, sparse: true },
  { layer: 'dec.first', from: 'latents', to: 'first', relu: true },
  { layer: 'dec.eighth', from: 'first', to: 'eighth', depth: 2, relu: true },
  { layer: 'dec.quarter', from: 'eighth', to: 'quarter', depth: 2, relu: true },
  { layer: 'dec.pixels', from: 'quarter', to: 'detail' },
]

export interface DecoderWeights {
  layers: Record<DecoderLayer, IntegerLayer>
  /** What a 16th of an octave adds to dec.first's bias: of the level's step, and of the known picture's. */
  steps: [own: Int32Array, known: Int32Array]
}

type WeightsSoFar = { layers: Partial<DecoderWeights['layers']>; steps: DecoderWeights['steps'] }

/** Quantization steps in 16ths of an octave above UNIT. */
export interface Steps {
  step: number
  knownStep: number
}

export class GridDecoder {
  readonly #net: Convolver
  readonly #steps: DecoderWeights['steps']
  #firstBias: Int32Array | undefined

  /** layers: all, unless they are to be added while they are fitted. */
  constructor(net: Convolver, { layers, steps }: WeightsSoFar) {
    this.#net = net
    this.#steps = steps
    for (const [name, layer] of Object.entries(layers)) this.add(name as DecoderLayer, layer)
  }

  add(name: DecoderLayer, layer: IntegerLayer): void {
    this.#net.add(name, layer)
    if (name === 'dec.first') this.#firstBias = layer.bias
  }

  /** `give` fills in each block's dequantized latent. */
  decode(
    shape: LevelShape,
    known: Uint8Array,
    give: LatentsOf,
    steps: Steps,
    window?: number,
    runs = DECODER_RUNS,
  ): Uint8Array {
    for (const tile of tilesOf(shape.blocksWide, shape.blocksHigh, window)) {
      this.start(shape, tile, known, give, steps)
      for (const run of runs) this.#net.run(run)
      this.#net.pixels.draw(tile, this.#net.address('linear'), this.#net.address('detail'))
    }
    return this.#net.pixels.picture()
  }

  #tell({ step, knownStep }: Steps) {
    const [own, known] = this.#steps
    const bias = this.#firstBias?.map((value, i) => value + step * own[i] + knownStep * known[i])
    if (bias) this.#net.setBias('dec.first', bias)
  }

  /** Latents and the known picture, for DECODER_RUNS. */
  start(shape: LevelShape, tile: Tile, known: Uint8Array, give: LatentsOf, steps: Steps): void {
    const { pixels } = this.#net
    pixels.startLevel(shape, known)
    this.#net.layOut('decoder', decoderPlanes(tile.y.length, tile.x.length))
    this.#tell(steps)
    const latents = this.#net.address('latents')
    const { values } = this.#net.values('latents')
    forAll(tile, shape, (block, at) => give(block, values, at * (CHANNELS + KNOWN_SAMPLES)))
    pixels.takeKnown(tile, latents)
  }
}

function decoderPlanes(height: number, width: number): Record<string, PlaneShape> {
  const plane = planeOf(height, width)
  const { first, eighth, quarter } = DECODER
  return {
    ...{ latents: plane(1, CHANNELS + KNOWN_SAMPLES), linear: plane(BLOCK, 3), first: plane(1, first, 1) },
    ...{ eighth: plane(2, eighth, 1), quarter: plane(4, quarter, 1), detail: plane(4, 48) },
  }
}

/** `at`: the block's number in the tile's window. */
function forAll(
  tile: Tile,
  shape: LevelShape,
  act: (block: number, at: number, y: number, x: number) => void,
) {
  for (let y = 0; y < tile.y.length; y++)
    for (let x = 0; x < tile.x.length; x++) {
      const [row, column] = [tile.y.start + y, tile.x.start + x]
      act(row * shape.blocksWide + column, y * tile.x.length + x, row, column)
    }
}

function forOwn(tile: Tile, shape: LevelShape, act: (block: number, at: number) => void) {
  forAll(tile, shape, (block, at, y, x) => {
    if (y >= tile.y.ownStart && y < tile.y.ownEnd && x >= tile.x.ownStart && x < tile.x.ownEnd) act(block, at)
  })
}
