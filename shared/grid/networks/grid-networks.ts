/**
 * The two networks of a level, tile by tile. Pictures are 8-bit samples [16 h, 16 w, 3] of h x w whole blocks, known
 * pictures [4 h, 4 w, 3]. See train/grid/networks.ts for the same in tfjs.
 */
import type { Kernels } from '../../network/kernels/kernels.ts'
import { BLOCK, BLOCK_SAMPLES, CHANNELS, DECODER, ENCODER, KNOWN_SAMPLES } from '../grid-shape.ts'
import { Buffers, Convolutions } from './convolutions.ts'
import { DECODER_LAYERS, ENCODER_LAYERS } from './layer-shapes.ts'
import { addInPlace, depthToSpace, spaceToDepth } from './rearrange.ts'
import { type Tile, tilesOf } from './tiles.ts'
import { Upsampler } from './upsample.ts'

interface LevelShape {
  blocksWide: number
  blocksHigh: number
}

/** Latents of blocks, [block][channel], as a network reads or writes them. */
type LatentsOf = (block: number, to: Float32Array, at: number) => void

export class GridEncoder {
  readonly #net: Convolutions

  constructor(kernels: Kernels, weights: Float32Array, buffers = new Buffers(kernels)) {
    this.#net = new Convolutions(kernels, ENCODER_LAYERS, weights, buffers)
  }

  /** `take` gets each block's latent, [CHANNELS] from `at`. */
  encode(shape: LevelShape, picture: Uint8Array, known: Uint8Array, take: LatentsOf, window?: number): void {
    for (const tile of tilesOf(shape.blocksWide, shape.blocksHigh, window)) {
      const [h, w] = [tile.y.length, tile.x.length]
      this.#inputs(shape, tile, picture, known)
      this.#run(h, w)
      const latents = this.#net.floats('latent', h * w * CHANNELS)
      forOwn(tile, shape, (block, at) => take(block, latents, at * CHANNELS))
    }
  }

  /** residual, and residual with up, as the first layers take them. */
  #inputs({ blocksWide, blocksHigh }: LevelShape, tile: Tile, picture: Uint8Array, known: Uint8Array) {
    const [h, w] = [tile.y.length * BLOCK, tile.x.length * BLOCK]
    const upsampler = new Upsampler(known, blocksWide * 4, blocksHigh * 4, tile)
    this.#net.floats('a', h * w * 6) // grown first: views are valid until the memory grows
    const residual = this.#net.floats('blocks', h * w * 3) // [h/16, w/16, (dy, dx, channel) of 16 x 16]
    const both = this.#net.floats('a', h * w * 6) // [h/4, w/4, (dy, dx, channel) of 4 x 4]
    for (let y = 0; y < h; y++) {
      const up = upsampler.row(y)
      let from = ((tile.y.start * BLOCK + y) * blocksWide * BLOCK + tile.x.start * BLOCK) * 3
      for (let x = 0; x < w; x++) {
        const toBlock = ((y >> 4) * (w >> 4) + (x >> 4)) * BLOCK_SAMPLES + (y & 15) * 48 + (x & 15) * 3
        const toBoth = ((y >> 2) * (w >> 2) + (x >> 2)) * 96 + (y & 3) * 24 + (x & 3) * 6
        for (let c = 0; c < 3; c++) {
          const under = up[3 * x + c]
          const r = Math.fround(picture[from++] / 255) - under
          residual[toBlock + c] = r
          both[toBoth + c] = r
          both[toBoth + 3 + c] = under - 0.5
        }
      }
    }
  }

  #run(h: number, w: number) {
    const net = this.#net
    const { fine, mid, deep } = ENCODER
    net.run('enc.linear', 'blocks', 'latent', h, w, false)
    net.run('enc.fine1', 'a', 'b', 4 * h, 4 * w, true)
    this.#residual('enc.fine2', 4 * h, 4 * w, fine)
    this.#halve(2 * h, 2 * w, fine)
    net.run('enc.mid1', 'a', 'b', 2 * h, 2 * w, true)
    this.#residual('enc.mid2', 2 * h, 2 * w, mid)
    this.#halve(h, w, mid)
    net.run('enc.deep1', 'a', 'b', h, w, true)
    this.#residual('enc.deep2', h, w, deep)
    net.run('enc.last', 'b', 'a', h, w, false)
    addInPlace(net.floats('latent', h * w * CHANNELS), net.floats('a', h * w * CHANNELS))
  }

  /** b += relu(layer(b)) */
  #residual(name: 'enc.fine2' | 'enc.mid2' | 'enc.deep2', h: number, w: number, channels: number) {
    this.#net.run(name, 'b', 'c', h, w, true)
    addInPlace(this.#net.floats('b', h * w * channels), this.#net.floats('c', h * w * channels))
  }

  /** b [2h, 2w, channels] -> a [h, w, 4 channels] */
  #halve(h: number, w: number, channels: number) {
    const length = h * w * 4 * channels
    this.#net.floats('a', length) // grown first: views are valid until the memory grows
    spaceToDepth(this.#net.floats('b', length), h, w, channels, 2, this.#net.floats('a', length))
  }

  dispose(): void {
    this.#net.dispose()
  }
}

export class GridDecoder {
  readonly #net: Convolutions

  constructor(kernels: Kernels, weights: Float32Array, buffers = new Buffers(kernels)) {
    this.#net = new Convolutions(kernels, DECODER_LAYERS, weights, buffers)
  }

  /** `give` fills in each block's dequantized latent. Steps are on samples of [0, 1]. */
  decode(
    shape: LevelShape,
    known: Uint8Array,
    give: LatentsOf,
    { step, knownStep }: { step: number; knownStep: number },
    window?: number,
  ): Uint8Array {
    const { blocksWide, blocksHigh } = shape
    const picture = new Uint8Array(blocksWide * blocksHigh * BLOCK_SAMPLES)
    for (const tile of tilesOf(blocksWide, blocksHigh, window)) {
      this.#inputs(shape, tile, known, give, Math.log(step) / 2, Math.log(knownStep) / 2)
      this.#run(tile.y.length, tile.x.length)
      this.#draw(shape, tile, known, picture)
    }
    return picture
  }

  #inputs(
    shape: LevelShape,
    tile: Tile,
    known: Uint8Array,
    give: LatentsOf,
    logStep: number,
    logKnownStep: number,
  ) {
    const blocks = tile.y.length * tile.x.length
    const row = CHANNELS + KNOWN_SAMPLES + 2
    this.#net.floats('a', blocks * row)
    const latents = this.#net.floats('latent', blocks * CHANNELS)
    const input = this.#net.floats('a', blocks * row)
    forAll(tile, shape, (block, at, y, x) => {
      give(block, latents, at * CHANNELS)
      let to = at * row
      for (let c = 0; c < CHANNELS; c++) input[to++] = 2 * latents[at * CHANNELS + c]
      for (let dy = 0; dy < 4; dy++) {
        let from = ((y * 4 + dy) * shape.blocksWide * 4 + x * 4) * 3
        for (let i = 0; i < 12; i++) input[to++] = known[from++] / 255 - 0.5
      }
      input[to++] = logStep
      input[to] = logKnownStep
    })
  }

  #run(h: number, w: number) {
    const net = this.#net
    const { eighth, quarter } = DECODER
    net.run('dec.linear', 'latent', 'blocks', h, w, false)
    net.run('dec.first', 'a', 'b', h, w, true)
    net.run('dec.eighth', 'b', 'a', h, w, true)
    net.floats('b', 4 * h * w * eighth)
    depthToSpace(net.floats('a', 4 * h * w * eighth), h, w, eighth, 2, net.floats('b', 4 * h * w * eighth))
    net.run('dec.quarter', 'b', 'a', 2 * h, 2 * w, true)
    const length = 16 * h * w * quarter
    net.floats('b', length)
    depthToSpace(net.floats('a', length), 2 * h, 2 * w, quarter, 2, net.floats('b', length))
    net.run('dec.pixels', 'b', 'a', 4 * h, 4 * w, false)
  }

  /** up + linear + network, in 8 bits, for the tile's own blocks. */
  #draw({ blocksWide, blocksHigh }: LevelShape, tile: Tile, known: Uint8Array, picture: Uint8Array) {
    const [h, w] = [tile.y.length, tile.x.length]
    const upsampler = new Upsampler(known, blocksWide * 4, blocksHigh * 4, tile)
    const linear = this.#net.floats('blocks', h * w * BLOCK_SAMPLES)
    const detail = this.#net.floats('a', h * w * BLOCK_SAMPLES)
    for (let y = (tile.y.ownStart - tile.y.start) * BLOCK; y < (tile.y.ownEnd - tile.y.start) * BLOCK; y++) {
      const up = upsampler.row(y)
      let to = ((tile.y.start * BLOCK + y) * blocksWide + tile.x.ownStart) * BLOCK * 3
      for (let x = tile.x.ownStart - tile.x.start; x < tile.x.ownEnd - tile.x.start; x++) {
        const fromLinear = ((y >> 4) * w + x) * BLOCK_SAMPLES + (y & 15) * 48
        for (let i = 0; i < 48; i++) {
          // [4h, 4w, (dy, dx, channel) of 4 x 4 pixels]
          const at = ((y >> 2) * 4 * w + 4 * x + Math.floor(i / 12)) * 48 + (y & 3) * 12 + (i % 12)
          const value = up[x * 48 + i] + linear[fromLinear + i] + detail[at]
          picture[to++] = value <= 0 ? 0 : value >= 1 ? 255 : (value * 255 + 0.5) | 0
        }
      }
    }
  }

  dispose(): void {
    this.#net.dispose()
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
