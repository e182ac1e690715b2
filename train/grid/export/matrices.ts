/** The matrices of the transforms (shared/grid/networks/transforms.ts), trained or fitted to blocks of an orientation. */
import { BLOCK_SAMPLES, CHANNELS } from '../../../shared/grid/grid-shape.ts'
import { LOWEST, type Matrix, TRANSFORMS } from '../../../shared/grid/networks/transforms.ts'
import { trainedLayer } from './integer-layers.ts'

interface Pair {
  /** [BLOCK_SAMPLES][CHANNELS] */
  encoder: Float64Array
  /** [CHANNELS][BLOCK_SAMPLES] */
  decoder: Float64Array
}
export type Matrices = Record<Matrix, Pair>
export const MATRICES: readonly Matrix[] = ['lowest', 'linear', 'across', 'diagonal']
const ORIENTED = ['linear', 'across', 'diagonal'] as const

/** An orthonormal matrix's latents are larger by this: as the trained ones are, so that planes mean the same on all levels. */
const GAIN = 1.22

/**
 * weights: of all trained layers, in the order of LAYERS. oriented: what train/grid/torch/oriented.py wrote, three matrices
 * [BLOCK_SAMPLES][CHANNELS]; without it all levels above the lowest have the trained one.
 */
export function matricesOf(weights: Float32Array, oriented?: Float32Array): Matrices {
  const trained = (matrix: 'lowest' | 'linear'): Pair => ({
    encoder: trainedLayer(weights, `enc.${matrix}`).kernel,
    decoder: trainedLayer(weights, `dec.${matrix}`).kernel,
  })
  const length = BLOCK_SAMPLES * CHANNELS
  if (oriented && oriented.length !== ORIENTED.length * length)
    throw new RangeError(`expected ${ORIENTED.length * length} numbers, got ${oriented.length}`)
  const pairOf = (i: number) =>
    oriented ? orthonormalPair(oriented.subarray(i * length, (i + 1) * length)) : trained('linear')
  const [linear, across, diagonal] = ORIENTED.map((_, i) => pairOf(i))
  return { lowest: trained('lowest'), linear, across, diagonal }
}

function orthonormalPair(columns: Float32Array): Pair {
  const decoder = new Float64Array(columns.length)
  for (let sample = 0; sample < BLOCK_SAMPLES; sample++)
    for (let channel = 0; channel < CHANNELS; channel++)
      decoder[channel * BLOCK_SAMPLES + sample] = columns[sample * CHANNELS + channel] / GAIN
  return { encoder: Float64Array.from(columns, (value) => value * GAIN), decoder }
}

/** Channels in another order: for each new one the old one. */
export function inChannelOrder({ encoder, decoder }: Pair, order: readonly number[]): Pair {
  return {
    encoder: encoder.map((_, at) => encoder[at - (at % CHANNELS) + order[at % CHANNELS]]),
    decoder: decoder.map(
      (_, at) => decoder[order[Math.floor(at / BLOCK_SAMPLES)] * BLOCK_SAMPLES + (at % BLOCK_SAMPLES)],
    ),
  }
}

/** Whether a block's transform has this matrix. `transform`: its number, on the lowest level or another. */
export const usesMatrix = (matrix: Matrix, transform: number) =>
  (matrix === 'lowest' ? LOWEST : TRANSFORMS)[transform].matrix === matrix
