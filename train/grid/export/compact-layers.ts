/** A decoder's trained layers -> symbols with few bits. */
import { BLOCK_SAMPLES, CHANNELS } from '../../../shared/grid/grid-shape.ts'
import { coefficientsOf } from '../../../shared/grid/networks/block-cosines.ts'
import {
  BIAS_FRACTION,
  COEFFICIENT_UNIT,
  type CompactLayer,
  type CompactLinear,
  INPUT_CHANNELS,
  type RestorationLayer,
} from '../../../shared/grid/networks/compact-decoder.ts'
import type { Matrix } from '../../../shared/grid/networks/transforms.ts'
import { inIntegerUnits, shiftWithin, type TrainedLayer } from './integer-layers.ts'
import { usesMatrix } from './matrices.ts'
import type { DecoderCall } from './patches.ts'
import { roundCompensated } from './round-compensated.ts'
import { LATENT_UNIT } from './units.ts'

/** A layer's quantization step, as a share of its weights' root mean square. */
const STEPS: Record<RestorationLayer, number> = {
  'dec.first': 0.12,
  'dec.second': 0.12,
  'dec.third': 0.12,
  'dec.fourth': 0.12,
  'dec.last': 0.12,
}
/** The error that rounding a matrix may add to a sample per latent, in levels. Less for the one that every code needs. */
const LINEAR_ERROR: Record<Matrix, number> = { lowest: 0.15, linear: 0.22, across: 0.22, diagonal: 0.22 }
const LINEAR_ROUNDING = 0.4
const LINEAR_SHIFT = 12
/** Inputs that vary most get steps finer than the layer's own by this power of 2. */
const FINER = 2

/** kernel [CHANNELS][16][16][3]. Channels whose latents are large get finer steps. */
export function compactLinear(kernel: Float64Array, matrix: Matrix, calls: DecoderCall[]): CompactLinear {
  const deviations = latentDeviations(matrix, calls)
  const exponents = Int8Array.from(deviations, (levels) =>
    Math.max(0, Math.min(15, Math.round(Math.log2((LINEAR_ERROR[matrix] * COEFFICIENT_UNIT) / levels)))),
  )
  const symbols = new Int32Array(kernel.length)
  for (let channel = 0; channel < CHANNELS; channel++) {
    const [from, to] = [channel * BLOCK_SAMPLES, (channel + 1) * BLOCK_SAMPLES]
    const scale = COEFFICIENT_UNIT / 2 ** exponents[channel]
    const coefficients = coefficientsOf(kernel.subarray(from, to))
    symbols.set(
      coefficients.map((value) => Math.sign(value) * Math.floor(Math.abs(value) * scale + LINEAR_ROUNDING)),
      from,
    )
  }
  return { shift: LINEAR_SHIFT, exponents, symbols }
}

/** Each channel's root mean square, in levels. */
function latentDeviations(matrix: Matrix, calls: DecoderCall[]): Float64Array {
  const squares = new Float64Array(CHANNELS)
  let blocks = 0
  for (const { latents, drawing } of calls) {
    if (drawing.lowest !== (matrix === 'lowest')) continue
    for (const [block, transform] of latents.transforms.entries()) {
      if (!usesMatrix(matrix, transform)) continue
      blocks++
      for (let channel = 0; channel < CHANNELS; channel++)
        squares[channel] += (latents.latents[block * CHANNELS + channel] * LATENT_UNIT * 255) ** 2
    }
  }
  return squares.map((sum) => Math.sqrt(sum / Math.max(1, blocks)) + 1e-3)
}

export function compactLayer(
  name: RestorationLayer,
  { kernel, bias }: TrainedLayer,
  inputUnits: Float64Array,
  unit: number,
  patches: Int16Array,
): CompactLayer {
  const outputs = bias.length
  const inputs = inputUnits.length
  const scaled = inIntegerUnits(kernel, inputUnits, unit)
  const shift = shiftWithin(scaled, 20_000, 15)
  const weights = scaled.map((value) => value * 2 ** shift)
  const exponents = inputExponents(patches, inputs, INPUT_CHANNELS[name])
  const rms = Math.sqrt(weights.reduce((sum, value) => sum + value * value, 0) / weights.length)
  const step = Math.max(1, Math.round((STEPS[name] * rms) / 2 ** FINER))
  const steps = Float64Array.from({ length: inputs }, (_, i) => step * 2 ** exponents[i % exponents.length])
  const symbols = roundCompensated(weights, steps, patches)
  if (symbols.some((symbol, i) => Math.abs(symbol * steps[Math.floor(i / outputs)]) > 32_767))
    throw new Error(`${name}: a weight is too large for 16 bits`)
  return {
    ...{ shift, step, exponents, symbols },
    bias: Int32Array.from(bias, (value) => Math.round((value / unit) * BIAS_FRACTION)),
  }
}

/** Inputs that vary less get coarser steps, by powers of 2; those of the upper quarter 2^FINER. */
function inputExponents(patches: Int16Array, inputs: number, channels: number): Int8Array {
  const squares = new Float64Array(channels)
  patches.forEach((value, i) => {
    squares[(i % inputs) % channels] += value * value
  })
  const deviations = squares.map((sum) => Math.sqrt(sum) + 1e-9)
  const usual = deviations.toSorted((a, b) => b - a)[channels >> 2]
  return Int8Array.from(deviations, (deviation) =>
    Math.max(0, Math.min(8, FINER + Math.round(Math.log2(usual / deviation)))),
  )
}
