/** Tiles of 256 x 256 pixels cut from photographs at random scales; a batch is drawn and mirrored at random. */
import { readFileSync } from 'node:fs'
import * as tf from '@tensorflow/tfjs'
import type { Random } from '../random.ts'

export const TILE = 256
const TILE_SAMPLES = TILE * TILE * 3

export class Tiles {
  readonly count: number
  readonly #samples: Uint8Array

  /** samples: [count, 256, 256, 3] */
  constructor(samples: Uint8Array) {
    if (samples.length === 0 || samples.length % TILE_SAMPLES)
      throw new Error(`expected whole tiles of ${TILE_SAMPLES} samples, got ${samples.length} samples`)
    this.#samples = samples
    this.count = samples.length / TILE_SAMPLES
  }

  static read(file: string): Tiles {
    return new Tiles(readFileSync(file))
  }

  /** Random tiles, half of them mirrored: [size, 256, 256, 3] on [0, 1]. */
  batch(size: number, random: Random): tf.Tensor4D {
    const batch = new Float32Array(size * TILE_SAMPLES)
    for (let i = 0; i < size; i++) {
      const tile = this.#tile(random.integer(this.count))
      const to = batch.subarray(i * TILE_SAMPLES, (i + 1) * TILE_SAMPLES)
      if (random.integer(2)) mirror(tile, to)
      else for (let at = 0; at < TILE_SAMPLES; at++) to[at] = tile[at] / 255
    }
    return tf.tensor4d(batch, [size, TILE, TILE, 3])
  }

  slice(from: number, to: number): tf.Tensor4D {
    const samples = Float32Array.from(
      this.#samples.subarray(from * TILE_SAMPLES, to * TILE_SAMPLES),
      (v) => v / 255,
    )
    return tf.tensor4d(samples, [to - from, TILE, TILE, 3])
  }

  #tile(index: number): Uint8Array {
    return this.#samples.subarray(index * TILE_SAMPLES, (index + 1) * TILE_SAMPLES)
  }
}

function mirror(tile: Uint8Array, to: Float32Array) {
  for (let row = 0; row < TILE; row++)
    for (let x = 0; x < TILE; x++)
      for (let c = 0; c < 3; c++)
        to[(row * TILE + x) * 3 + c] = tile[(row * TILE + TILE - 1 - x) * 3 + c] / 255
}
