/**
 * What a preview's decoder needs besides the code: a few kilobytes, read in place from decoder.bin. In order:
 *
 *     uint8  latents D, components K, lumaBand N, chromaBand M, rate levels L, alphaBand A
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

const inBand = (band: number) => (band * (band + 1)) / 2

/** bytes: decoder.bin. Throws RangeError if its length is not what its head says. */
export function readParameters(bytes: Uint8Array): PreviewParameters {
  let at = 5
  const [latents, components, lumaBand, chromaBand, levels] = bytes as unknown as number[]
  const coefficients = inBand(lumaBand!) + 2 * inBand(chromaBand!)
  const take = (count: number) => {
    at += count
    return new Uint8Array(bytes.subarray(at - count, at)) // a copy, also of a Buffer
  }
  const signed = (count: number) => new Int8Array(take(count).buffer)
  const words = (count: number) => {
    const pairs = take(2 * count)
    return Uint16Array.from({ length: count }, (_, i) => pairs[2 * i] | (pairs[2 * i + 1] << 8))
  }
  const parameters = {
    ...{ latents: latents!, components: components!, lumaBand: lumaBand!, chromaBand: chromaBand! },
    ...{ levels: levels!, coefficients },
    weights: signed(latents! * coefficients),
    shifts: take(latents!),
    bias: new Int16Array(words(coefficients).buffer),
    componentShares: take(components!),
    levelShares: take(levels!),
    errorShares: take(ERRORS),
    locations: signed(components! * latents!),
    scales: take(components! * latents!),
    template: words(TEMPLATE_ENTRIES),
  }
  if (at !== bytes.length) throw new RangeError(`decoder.bin: expected ${at} bytes, got ${bytes.length}`)
  return parameters
}
