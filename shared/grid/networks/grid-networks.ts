/**
 * The two networks of a level, tile by tile, in integers of 16 bits. Pictures are 8-bit samples [16 h, 16 w, 3] of h x w
 * whole blocks, known pictures [4 h, 4 w, 3]; inside, pixels are 64ths of a level and latents FRACTIONs of a UNIT. See
 * train/grid/networks/networks.ts for the same in tfjs.
 */
import { BLOCK, CHANNELS, KNOWN_SAMPLES } from '../grid-shape.ts'
import type { Convolver, IntegerLayer, PlaneShape, Run } from './convolver.ts'
import type { DecoderLayer, EncoderLayer } from './layer-shapes.ts'
import { DECODER, ENCODER } from './network-shape.ts'
import { type Tile, tilesOf } from './tiles.ts'
import { Upsampler } from './upsample.ts'

/** Latents are counted in UNIT / FRACTION. */
export const FRACTION = 8
/** Grey, in 64ths of a level: what networks are given has it taken off. */
const GREY = 127.5 * 64

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
  start({ blocksWide, blocksHigh }: LevelShape, tile: Tile, picture: Uint8Array, known: Uint8Array): void {
    this.#net.layOut('encoder', encoderPlanes(tile.y.length, tile.x.length))
    const upsampler = new Upsampler(known, blocksWide * 4, blocksHigh * 4, tile)
    const residual = this.#net.values('residual').values
    const both = this.#net.values('both')
    for (let y = 0, at = 0; y < tile.y.length * BLOCK; y++) {
      const up = upsampler.row(y)
      let from = ((tile.y.start * BLOCK + y) * blocksWide + tile.x.start) * BLOCK * 3
      let to = both.first + y * both.row
      for (let x = 0; x < up.length; x += 3, to += 6)
        for (let c = 0; c < 3; c++) {
          const r = picture[from++] * 64 - up[x + c]
          residual[at++] = r
          both.values[to + c] = r
          both.values[to + 3 + c] = up[x + c] - GREY
        }
    }
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
  { layer: 'dec.linear', from: 'latents', to: 'linear', depth: BLOCK },
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
  decode(shape: LevelShape, known: Uint8Array, give: LatentsOf, steps: Steps, window?: number): Uint8Array {
    const { blocksWide, blocksHigh } = shape
    const picture = new Uint8Array(blocksWide * blocksHigh * BLOCK * BLOCK * 3)
    for (const tile of tilesOf(blocksWide, blocksHigh, window)) {
      this.start(shape, tile, known, give, steps)
      for (const run of DECODER_RUNS) this.#net.run(run)
      this.#draw(shape, tile, known, picture)
    }
    return picture
  }

  #tell({ step, knownStep }: Steps) {
    const [own, known] = this.#steps
    const bias = this.#firstBias?.map((value, i) => value + step * own[i] + knownStep * known[i])
    if (bias) this.#net.setBias('dec.first', bias)
  }

  /** Latents and the known picture, for DECODER_RUNS. */
  start(shape: LevelShape, tile: Tile, known: Uint8Array, give: LatentsOf, steps: Steps): void {
    this.#net.layOut('decoder', decoderPlanes(tile.y.length, tile.x.length))
    this.#tell(steps)
    const { values } = this.#net.values('latents')
    forAll(tile, shape, (block, at, y, x) => {
      const first = at * (CHANNELS + KNOWN_SAMPLES)
      give(block, values, first)
      let to = first + CHANNELS
      for (let dy = 0; dy < 4; dy++) {
        let from = ((y * 4 + dy) * shape.blocksWide * 4 + x * 4) * 3
        for (let i = 0; i < 12; i++) values[to++] = 2 * known[from++] - 255
      }
    })
  }

  /** up + linear + network, in 8 bits, for the tile's own blocks. */
  #draw({ blocksWide, blocksHigh }: LevelShape, { x, y }: Tile, known: Uint8Array, picture: Uint8Array) {
    const upsampler = new Upsampler(known, blocksWide * 4, blocksHigh * 4, { x, y })
    const { values: linear, row: linearRow } = this.#net.values('linear')
    const { values: detail, row: detailRow } = this.#net.values('detail') // [4h, 4w, (dy, dx, channel) of 4 x 4 pixels]
    const [left, right] = [x.ownStart - x.start, x.ownEnd - x.start].map((block) => block * BLOCK * 3)
    const clamped = new Uint8ClampedArray(picture.buffer)
    for (let row = (y.ownStart - y.start) * BLOCK; row < (y.ownEnd - y.start) * BLOCK; row++) {
      const up = upsampler.row(row)
      let to = ((y.start * BLOCK + row) * blocksWide + x.ownStart) * BLOCK * 3
      let fromDetail = (row >> 2) * detailRow + left * 4 + (row & 3) * 12
      let fromLinear = row * linearRow + left
      for (let i = left; i < right; fromDetail += 48)
        for (let k = 0; k < 12; k++)
          clamped[to++] = (up[i++] + linear[fromLinear++] + detail[fromDetail + k] + 32) >> 6
    }
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
