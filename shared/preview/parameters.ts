/**
 * What a preview's decoder needs besides the code: a few kilobytes, read in place from decoder.bin. In order:
 *
 *     uint8  latents D, components K, lumaBand N, chromaBand M, rate levels L
 *     int8   weights [D][coefficients]: N (N + 1) / 2 of luma, then M (M + 1) / 2 of each chroma plane; in a plane, rows of
 *            vertical frequency v = 0, 1, ..., in a row the horizontal frequencies u with u + v < the plane's band
 *     uint8  shifts [D]: a dimension's weights are multiples of 2^shift
 *     int16  bias [coefficients], little-endian, in halves of a sample
 *     uint8  shares of the components [K], of the rate levels [L], of the error [16]; each group sums to 256
 *     int8   locations [K][D], uint8 scales [K][D]: of each dimension's symbols (symbols.ts)
 *     uint16 template [33], little-endian: the symbols' distribution (symbols.ts)
 */
export interface PreviewParameters {
  latents: number
  components: number
  lumaBand: number
  chromaBand: number
  levels: number
  coefficients: number
  weights: Int8Array
  shifts: Uint8Array
  bias: Int16Array
  componentShares: Uint8Array
  levelShares: Uint8Array
  errorShares: Uint8Array
  locations: Int8Array
  scales: Uint8Array
  template: Uint16Array
}

export const ERRORS = 16
export const TEMPLATE_ENTRIES = 33
export const HEAD_BYTES = 5

const inBand = (band: number) => (band * (band + 1)) / 2

/** Room for what decoder.bin holds, by its first five numbers. */
export function emptyParameters(head: ArrayLike<number>): PreviewParameters {
  const [latents, components, lumaBand, chromaBand, levels] = Array.from(head)
  const coefficients = inBand(lumaBand) + 2 * inBand(chromaBand)
  return {
    ...{ latents, components, lumaBand, chromaBand, levels, coefficients },
    weights: new Int8Array(latents * coefficients),
    shifts: new Uint8Array(latents),
    bias: new Int16Array(coefficients),
    componentShares: new Uint8Array(components),
    levelShares: new Uint8Array(levels),
    errorShares: new Uint8Array(ERRORS),
    locations: new Int8Array(components * latents),
    scales: new Uint8Array(components * latents),
    template: new Uint16Array(TEMPLATE_ENTRIES),
  }
}

/** bytes: decoder.bin. Throws RangeError if its length is not what its head says. */
export function readParameters(bytes: Uint8Array): PreviewParameters {
  const parameters = emptyParameters(bytes.subarray(0, HEAD_BYTES))
  const { weights, shifts, bias, componentShares, levelShares, errorShares } = parameters
  const { locations, scales, template } = parameters
  let at = HEAD_BYTES
  for (const numbers of [
    ...[weights, shifts, bias, componentShares, levelShares, errorShares],
    ...[locations, scales, template],
  ])
    for (let i = 0; i < numbers.length; i++, at += numbers.BYTES_PER_ELEMENT)
      numbers[i] = bytes[at] | (numbers.BYTES_PER_ELEMENT > 1 ? bytes[at + 1] << 8 : 0)
  if (at !== bytes.length) throw new RangeError(`decoder.bin: expected ${at} bytes, got ${bytes.length}`)
  return parameters
}
