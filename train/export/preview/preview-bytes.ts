import type { PreviewParameters } from '../../../shared/preview/parameters.ts'

/** decoder.bin, as shared/preview/parameters.ts describes it. */
export function writeParameters(parameters: PreviewParameters): Uint8Array {
  const { latents, components, lumaBand, chromaBand, levels, bias, template } = parameters
  return Buffer.concat([
    Uint8Array.of(latents, components, lumaBand, chromaBand, levels),
    bytesOf(parameters.weights),
    parameters.shifts,
    littleEndian(bias),
    parameters.componentShares,
    parameters.levelShares,
    parameters.errorShares,
    bytesOf(parameters.locations),
    parameters.scales,
    littleEndian(template),
  ])
}

const bytesOf = (values: Int8Array) => new Uint8Array(values.buffer, values.byteOffset, values.length)
const littleEndian = (words: ArrayLike<number>) =>
  Uint8Array.from({ length: 2 * words.length }, (_, i) => words[i >> 1] >> (8 * (i & 1)))
