/** How different two pictures look: the mean squared distance in OKLab (Ottosson 2020), with more weight on chroma. */

const CHROMA_WEIGHT = 4
const LINEAR = Float64Array.from({ length: 256 }, (_, sample) => {
  const value = sample / 255
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
})

/** samples: 8-bit sRGB [pixels, 3] -> OKLab with chroma scaled, so that plain distances are weighted. [pixels, 3] */
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

export function squaredDistance(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2
  return (3 * sum) / a.length
}
