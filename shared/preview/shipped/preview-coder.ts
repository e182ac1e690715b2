/**
 * The numbered previews' decoder.bin files as one string of bytes, for a script that has no model directory. Preview 1 begins
 * with the dimensions of preview 0, so the weights, shifts, bias and template are those of preview 1, and only the symbols'
 * distributions are each one's own.
 */
import { AdaptiveSymbols, type BitCoder } from '../../codec/entropy/adaptive-symbols.ts'
import type { PreviewParameters } from '../parameters.ts'

/** What `oldest` begins with in `newest`. */
export const SHARED = ['weights', 'shifts', 'bias', 'template'] as const
/** Contexts: of weights the first 16, of locations the last, the others one each. */
const SHIFT = 16
const BIAS = 17
const TEMPLATE = 18
const SHARE = 19
const SCALE = 20
const LOCATION = 21
const CONTEXTS = 32
const SLOWEST = 5

/** Codes both, or with a decoder fills them in. `newest` holds the dimensions of `oldest`. */
export function codePreviews(coder: BitCoder, newest: PreviewParameters, oldest: PreviewParameters): void {
  const symbols = new AdaptiveSymbols(coder, CONTEXTS, SLOWEST)
  codeWeights(symbols, newest)
  codeDifferences(symbols, SHIFT, newest.shifts)
  codeNumbers(newest.bias, (_, value) => symbols.code(value, BIAS))
  codeDifferences(symbols, TEMPLATE, newest.template)
  for (const preview of [newest, oldest]) codeDistributions(symbols, preview)
}

function codeNumbers(
  numbers: Int8Array | Uint8Array | Int16Array | Uint16Array,
  code: (i: number, value: number) => number,
) {
  for (let i = 0; i < numbers.length; i++) numbers[i] = code(i, numbers[i])
}

/** Of each from the one before. */
function codeDifferences(symbols: AdaptiveSymbols, context: number, numbers: Uint8Array | Uint16Array): void {
  codeNumbers(numbers, (i, value) => {
    const before = i ? numbers[i - 1] : 0
    return before + symbols.code(value - before, context)
  })
}

/**
 * A weight is about as large as its neighbours: in its plane, and the same coefficient's in the eight rows before, of which the
 * last two count twice.
 */
function codeWeights(symbols: AdaptiveSymbols, newest: PreviewParameters): void {
  const { weights, coefficients, lumaBand, chromaBand } = newest
  const sizeAt = (i: number) => Math.abs(weights[i] | 0) // 0 before the first
  const before = new Int32Array(coefficients)
  for (let i = 0; i < weights.length; )
    for (const band of [lumaBand, chromaBand, chromaBand])
      for (let v = 0; v < band; v++)
        for (let u = 0; u + v < band; u++, i++) {
          const j = i % coefficients
          let near = before[j]
          if (u) near += sizeAt(i - 1) + 2 * sizeAt(i - 2)
          if (v) near += sizeAt(i - (band - v + 1))
          weights[i] = symbols.code(weights[i], octave(near))
          before[j] += 2 * sizeAt(i) - sizeAt(i - 2 * coefficients) - sizeAt(i - 8 * coefficients)
        }
}

const octave = (size: number): number => 32 - Math.clz32(size)

function codeDistributions(symbols: AdaptiveSymbols, preview: PreviewParameters): void {
  const { latents, componentShares, levelShares, errorShares, locations, scales } = preview
  for (const shares of [componentShares, levelShares, errorShares]) codeDifferences(symbols, SHARE, shares)
  codeNumbers(locations, (i, value) => symbols.code(value, LOCATION + octave(i % latents)))
  codeNumbers(scales, (i, value) => {
    const before = i > 1 ? (scales[i - 1] + scales[i - 2]) >> 1 : 20
    return before + symbols.code(value - before, SCALE)
  })
}
