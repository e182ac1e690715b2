/** OKLab (Ottosson 2020) of 8-bit sRGB, with more weight on chroma: plain distances in it are how different colours look. */

const CHROMA_WEIGHT = 4
const linearOf = (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
const slopeOf = (value: number) =>
  value <= 0.04045 ? 1 / 12.92 : (2.4 / 1.055) * ((value + 0.055) / 1.055) ** 1.4
const LINEAR = Float64Array.from({ length: 256 }, (_, sample) => linearOf(sample / 255))
/** How much `LINEAR` grows per sample. */
const SLOPE = Float64Array.from({ length: 256 }, (_, sample) => slopeOf(sample / 255) / 255)
/** Of a cone's response, to keep slopes finite near black: that of sample 3. */
const LEAST_RESPONSE = 0.1

/** samples: [pixels, 3] -> OKLab with chroma scaled, so that plain distances are weighted. [pixels, 3] */
export function toWeightedOklab(samples: Uint8Array): Float64Array {
  const lab = new Float64Array(samples.length)
  const scale = Math.sqrt(CHROMA_WEIGHT)
  for (let i = 0; i < samples.length; i += 3) {
    const [r, g, b] = [LINEAR[samples[i]], LINEAR[samples[i + 1]], LINEAR[samples[i + 2]]]
    const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
    const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
    const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
    lab[i] = 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s
    lab[i + 1] = scale * (1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s)
    lab[i + 2] = scale * (0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s)
  }
  return lab
}

/**
 * Errors in weighted OKLab -> half the slope of their squares' sum by each sample, at `samples`. [pixels, 3]
 * The slope of a cube root x is 1 / (3 x^2).
 */
export function slopesInSamples(samples: Uint8Array, errors: Float64Array): Float64Array {
  const slopes = new Float64Array(samples.length)
  const scale = Math.sqrt(CHROMA_WEIGHT)
  for (let i = 0; i < samples.length; i += 3) {
    const [r, g, b] = [LINEAR[samples[i]], LINEAR[samples[i + 1]], LINEAR[samples[i + 2]]]
    const lightness = errors[i]
    const greenRed = scale * errors[i + 1]
    const blueYellow = scale * errors[i + 2]
    const l = responseSlope(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
    const m = responseSlope(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
    const s = responseSlope(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
    const toL = l * (0.2104542553 * lightness + 1.9779984951 * greenRed + 0.0259040371 * blueYellow)
    const toM = m * (0.793617785 * lightness - 2.428592205 * greenRed + 0.7827717662 * blueYellow)
    const toS = s * (-0.0040720468 * lightness + 0.4505937099 * greenRed - 0.808675766 * blueYellow)
    slopes[i] = SLOPE[samples[i]] * (0.4122214708 * toL + 0.2119034982 * toM + 0.0883024619 * toS)
    slopes[i + 1] = SLOPE[samples[i + 1]] * (0.5363325363 * toL + 0.6806995451 * toM + 0.2817188376 * toS)
    slopes[i + 2] = SLOPE[samples[i + 2]] * (0.0514459929 * toL + 0.1073969566 * toM + 0.6299787005 * toS)
  }
  return slopes
}

function responseSlope(light: number): number {
  const response = Math.max(LEAST_RESPONSE, Math.cbrt(light))
  return 1 / (3 * response * response)
}
