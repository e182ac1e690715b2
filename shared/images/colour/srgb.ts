/** From the profile connection space of ICC.1 (XYZ or Lab, under D50) to 8-bit sRGB (IEC 61966-2-1). */

/** XYZ -> linear R, G and B, by rows: the primaries of sRGB, adapted to D50 by Bradford's method. */
export const SRGB_OF_XYZ = [
  [3.1338561, -1.6168667, -0.4906146],
  [-0.9787684, 1.9161415, 0.033454],
  [0.0719453, -0.2289914, 1.4052427],
] as const

export const D50 = { x: 0.9642, y: 1, z: 0.8249 } as const

const LINEAR_STEPS = 1 << 14 // where the curve is steepest it rises by a fifth of a level per step
const ENCODED = Uint8Array.from({ length: LINEAR_STEPS + 1 }, (_, i) =>
  Math.round(255 * curveOf(i / LINEAR_STEPS)),
)

function curveOf(linear: number): number {
  return linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055
}

/** Linear light, 0 to 1 (and clamped to that), to an 8-bit sample. */
export function encodeSrgb(linear: number): number {
  const step = linear * LINEAR_STEPS + 0.5
  return step <= 0 ? 0 : (ENCODED[step >= LINEAR_STEPS ? LINEAR_STEPS : Math.floor(step)] ?? 255)
}

/** A sample from 0 to 1 to linear light. */
export function decodeSrgb(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
}

export function writeSrgbOfXyz(x: number, y: number, z: number, pixels: Uint8Array, at: number): void {
  const [[rx, ry, rz], [gx, gy, gz], [bx, by, bz]] = SRGB_OF_XYZ
  pixels[at] = encodeSrgb(rx * x + ry * y + rz * z)
  pixels[at + 1] = encodeSrgb(gx * x + gy * y + gz * z)
  pixels[at + 2] = encodeSrgb(bx * x + by * y + bz * z)
}

/** In 16 bits, as Little CMS keeps colours between two steps of a conversion. */
export function writeSrgb16OfXyz(x: number, y: number, z: number, samples: Uint16Array, at: number): void {
  SRGB_OF_XYZ.forEach(([ofX, ofY, ofZ], c) => {
    const linear = Math.max(0, Math.min(1, ofX * x + ofY * y + ofZ * z))
    samples[at + c] = Math.round(65535 * curveOf(linear))
  })
}

/** L* from 0 to 100 -> Y from 0 to 1. */
export function luminanceOf(lightness: number): number {
  return cubeOf((lightness + 16) / 116)
}

/** In place: L*, a and b become X, Y and Z. */
export function labToXyz(space: Float64Array): void {
  const [l = 0, a = 0, b = 0] = space
  const fy = (l + 16) / 116
  space[0] = D50.x * cubeOf(fy + a / 500)
  space[1] = D50.y * cubeOf(fy)
  space[2] = D50.z * cubeOf(fy - b / 200)
}

/** The inverse of CIE Lab's f. */
function cubeOf(f: number): number {
  return f > 24 / 116 ? f ** 3 : (108 / 841) * (f - 16 / 116)
}
