/** convolve.wat with its memory: layers that stay, and planes of activations for one window at a time. */

import { growTo } from '../../../wasm-memory.ts'
import { BLOCK, BLOCK_SAMPLES } from '../../grid-shape.ts'
import type { NetworkWasm } from '../../grid-wasm.ts'
import type { LayerName } from '../layer-shapes.ts'
import { TAPS } from '../layer-shapes.ts'
import { AS_IS } from '../network-shape.ts'
import type { BlockPlace } from '../tiles.ts'
import type { View } from '../transforms.ts'
import {
  blockOf,
  type PlacedLayer,
  type Plane,
  type PlaneAddress,
  type PlaneShape,
  pixelOf,
} from './addresses.ts'
import type { IntegerLayer } from './integer-layer.ts'
import { TilePixels } from './tile-pixels.ts'

export interface Run {
  layer: LayerName
  from: string
  to: string
  /** Pixels of `from` for one of the output. */
  stride?: number
  relu?: boolean
  /** A plane like `to`, which is added. */
  added?: string
}

/** How a block is drawn from its latents. */
export interface BlockTransform {
  layer: LayerName
  view: View
}

const WORDS = 18
/** The most blocks of eight outputs. */
const OFFSETS = BLOCK_SAMPLES / 8
/** Bytes of a block's row. */
const BLOCK_ROW = BLOCK * 3 * 2
/** A cache line. */
const ALIGNMENT = 64

interface Exports {
  memory: WebAssembly.Memory
  convolve(layer: number): void
}

export class Convolver {
  readonly #memory: WebAssembly.Memory
  readonly #convolve: Exports['convolve']
  readonly #layers = new Map<LayerName, PlacedLayer>()
  readonly #planes = new Map<string, Plane>()
  readonly #call: number
  readonly #offsets: number
  /** A block that a transform sees otherwise than it lies in the picture, and where its outputs are. */
  readonly #block: number
  readonly #turnedOffsets: number
  /** What stands between pictures and planes. */
  readonly pixels: TilePixels
  /** Where layers end. */
  #top = 0
  /** Where planes begin. */
  #planesAt = 0
  #laidOut = ''

  constructor({ convolve, pixels }: NetworkWasm) {
    const exports = new WebAssembly.Instance(convolve).exports as unknown as Exports
    this.#memory = exports.memory
    this.#convolve = exports.convolve
    this.#call = this.#place(4 * WORDS)
    this.#offsets = this.#place(4 * OFFSETS)
    this.#block = this.#place(2 * BLOCK_SAMPLES)
    this.#turnedOffsets = this.#place(4 * OFFSETS)
    this.#placeOffsets(this.#turnedOffsets, 'dec.linear', { rowBytes: BLOCK_ROW, channels: 3 }, BLOCK)
    this.pixels = new TilePixels(pixels, this.#memory, (bytes) => this.#reserve(bytes))
  }

  #place(bytes: number): number {
    const at = this.#top
    this.#top = Math.ceil((at + bytes) / ALIGNMENT) * ALIGNMENT
    this.#laidOut = ''
    growTo(this.#memory, this.#top)
    return at
  }

  /** A place between layers and planes. */
  #reserve(bytes: number): number {
    const planesAt = Math.ceil((this.#top + bytes) / ALIGNMENT) * ALIGNMENT
    if (planesAt !== this.#planesAt) this.#laidOut = ''
    this.#planesAt = planesAt
    growTo(this.#memory, planesAt)
    return this.#top
  }

  add(name: LayerName, { weights, bias, shift }: IntegerLayer): void {
    const placed = { weights: this.#place(2 * weights.length), bias: this.#place(4 * bias.length), shift }
    new Int16Array(this.#memory.buffer, placed.weights, weights.length).set(weights)
    this.#layers.set(name, placed)
    this.setBias(name, bias)
  }

  setBias(name: LayerName, bias: Int32Array): void {
    const { bias: at, shift } = this.#layers.get(name)!
    const half = shift > 0 ? 1 << (shift - 1) : 0
    new Int32Array(this.#memory.buffer, at, bias.length).set(bias.map((value) => value + half))
  }

  /** Planes for a network and a window; what another one had there is gone. */
  layOut(network: string, shapes: Record<string, PlaneShape>): void {
    const key = `${network} ${JSON.stringify(shapes)}`
    if (key === this.#laidOut) return
    this.#laidOut = key
    this.#planes.clear()
    this.#planesAt = Math.max(this.#planesAt, this.#top)
    let at = this.#planesAt
    for (const [name, { height, width, channels, pad = 0 }] of Object.entries(shapes)) {
      const rowBytes = (width + 2 * pad) * channels * 2
      this.#planes.set(name, { height, width, channels, pad, at, rowBytes })
      at = Math.ceil((at + (height + 2 * pad) * rowBytes) / ALIGNMENT) * ALIGNMENT
    }
    growTo(this.#memory, at)
    new Uint8Array(this.#memory.buffer, this.#planesAt, at - this.#planesAt).fill(0)
  }

  /** A plane's values, pad included, and where its first pixel's are; valid until the next layOut. */
  values(name: string): { values: Int16Array; first: number; row: number; channels: number } {
    const { at, height, pad, rowBytes, channels } = this.#planes.get(name)!
    const row = rowBytes / 2
    const values = new Int16Array(this.#memory.buffer, at, (height + 2 * pad) * row)
    return { values, first: pad * row + pad * channels, row, channels }
  }

  /** A plane that holds bytes. */
  bytes(name: string): Uint8Array {
    const { at, height, width } = this.#planes.get(name)!
    return new Uint8Array(this.#memory.buffer, at, height * width)
  }

  address(name: string): PlaneAddress {
    const plane = this.#planes.get(name)!
    return { first: pixelOf(plane, 0), rowBytes: plane.rowBytes }
  }

  shape(name: string): PlaneShape {
    return this.#planes.get(name)!
  }

  /** Where blocks of eight outputs are, from the place of an output of depth x depth pixels. */
  #placeOffsets(
    at: number,
    layer: LayerName,
    target: Pick<Plane, 'channels' | 'rowBytes'>,
    depth: number,
  ): void {
    const row = depth * target.channels // values of an output pixel's row
    const offsets = new Int32Array(this.#memory.buffer, at, TAPS[layer].outputs / 8)
    for (let block = 0; block < offsets.length; block++) {
      const down = Math.floor((8 * block) / row)
      offsets[block] = down * target.rowBytes + (8 * block - down * row) * 2
    }
  }

  /**
   * Each pixel of `from`, most of whose values are zero, gives a block of `to`, drawn by its layer and view; and if placeOf is
   * given, in the colours that the known picture has there.
   */
  drawBlocks(
    from: string,
    to: string,
    transformOf: (block: number) => BlockTransform,
    placeOf?: (block: number) => BlockPlace,
  ): void {
    const [source, target] = [this.#planes.get(from)!, this.#planes.get(to)!]
    this.#placeOffsets(this.#offsets, 'dec.linear', target, BLOCK)
    for (let block = 0; block < source.height * source.width; block++) {
      const latents = source.at + block * source.channels * 2
      const at = blockOf(target, block)
      if (!this.#drawBlock(transformOf(block), latents, at, target.rowBytes) || !placeOf) continue
      const { x, y } = placeOf(block)
      this.pixels.turnColours(at, target.rowBytes, x, y, true)
    }
  }

  /** Whether any latent is not zero. */
  #drawBlock({ layer, view }: BlockTransform, latents: number, to: number, toRow: number): boolean {
    const placed = this.#layers.get(layer)!
    if (view === AS_IS) return this.pixels.multiplySparse(placed, latents, this.#offsets, to)
    const any = this.pixels.multiplySparse(placed, latents, this.#turnedOffsets, this.#block)
    this.pixels.copyView(this.#block, BLOCK_ROW, to, toRow, view)
    return any
  }

  /** A plane of blocks, in the colours that transforms see. */
  turnColours(plane: string, placeOf: (block: number) => BlockPlace): void {
    const target = this.#planes.get(plane)!
    for (let block = 0; block < (target.height * target.width) / BLOCK ** 2; block++) {
      const { x, y } = placeOf(block)
      this.pixels.turnColours(blockOf(target, block), target.rowBytes, x, y, false)
    }
  }

  /** A plane of blocks, each as a transform sees it. */
  turnBlocks(from: string, to: string, view: View): void {
    const [source, target] = [this.#planes.get(from)!, this.#planes.get(to)!]
    for (let block = 0; block < (source.height * source.width) / BLOCK ** 2; block++)
      this.pixels.copyView(
        ...([blockOf(source, block), source.rowBytes] as const),
        ...([blockOf(target, block), target.rowBytes] as const),
        view,
      )
  }

  /**
   * Keeps those latents that hold more energy beyond a step than the ones kept before, by transforms of lower numbers. Planes
   * `energies` and `chosen` say, for each block, how much, and by which transform.
   */
  keepBetter(latents: string, kept: string, step: number, transform: number): void {
    const { at, height, width, channels } = this.#planes.get(latents)!
    const [best, energies, chosen] = [kept, 'energies', 'chosen'].map((name) => this.#planes.get(name)!.at)
    this.pixels.keepBetter(at, best, energies, chosen, height * width, channels, step, transform)
  }

  run({ layer, from, to, stride = 1, relu = false, added }: Run): void {
    const { weights, bias, shift } = this.#layers.get(layer)!
    const { taps, length, outputs, before } = TAPS[layer]
    const source = this.#planes.get(from)!
    const target = this.#planes.get(to)!
    const other = added === undefined ? undefined : this.#planes.get(added)!
    this.#placeOffsets(this.#offsets, layer, target, 1)
    new Int32Array(this.#memory.buffer, this.#call, WORDS).set([
      ...[pixelOf(source, -before), weights, bias, pixelOf(target, 0)],
      ...[target.height, target.width, taps, length * 2],
      ...[stride * source.rowBytes, stride * source.channels * 2, source.rowBytes, outputs / 8],
      ...[target.rowBytes, target.channels * 2, this.#offsets, shift],
      ...[relu ? 0 : -32768, other ? other.at - target.at : 0],
    ])
    this.#convolve(this.#call)
  }
}
