/**
 * A model's small picture to the size and aspect of the original: separable cubic interpolation (Mitchell and
 * Netravali 1988, B = C = 1/3: smooth, with hardly any ringing), its kernel widened if a side shrinks.
 */
import type { ImageShape } from '../manifest.ts'

/** 8-bit samples [h, w, c] -> [height, width, c]. The caller bounds the size. */
export function upscale(samples: Uint8Array, shape: ImageShape, width: number, height: number): Uint8Array {
  const { channels } = shape
  const across = taps(shape.width, width)
  const down = taps(shape.height, height)
  const wide = widen(samples, shape, width, across) // [shape.height, width, channels]
  const stride = width * channels
  const line = new Float32Array(stride)
  const result = new Uint8Array(height * stride)
  for (let y = 0; y < height; y++) {
    line.fill(0.5) // for rounding
    for (let k = 0; k < down.count; k++) {
      const weight = down.weights[y * down.count + k]
      if (weight === 0) continue
      const from = down.places[y * down.count + k] * stride
      for (let i = 0; i < stride; i++) line[i] += weight * wide[from + i]
    }
    for (let i = 0; i < stride; i++) result[y * stride + i] = Math.max(0, Math.min(255, line[i]))
  }
  return result
}

interface Taps {
  count: number // for each output position
  places: Int32Array // [size, count] input positions, clamped at the edges
  weights: Float32Array // [size, count], which sum to one for each output position
}

function taps(inputSize: number, outputSize: number): Taps {
  const scale = outputSize / inputSize
  const stretch = Math.max(1, 1 / scale)
  const count = Math.ceil(4 * stretch) + 1
  const places = new Int32Array(outputSize * count)
  const weights = new Float32Array(outputSize * count)
  for (let i = 0; i < outputSize; i++) {
    const centre = (i + 0.5) / scale - 0.5
    const first = Math.floor(centre - 2 * stretch) + 1
    const row = Array.from({ length: count }, (_, k) => mitchell((first + k - centre) / stretch))
    const sum = row.reduce((total, weight) => total + weight, 0)
    for (let k = 0; k < count; k++) {
      places[i * count + k] = Math.max(0, Math.min(inputSize - 1, first + k))
      weights[i * count + k] = row[k] / sum
    }
  }
  return { count, places, weights }
}

function mitchell(distance: number): number {
  const x = Math.abs(distance)
  if (x < 1) return (7 * x ** 3 - 12 * x ** 2 + 16 / 3) / 6
  if (x < 2) return ((-7 / 3) * x ** 3 + 12 * x ** 2 - 20 * x + 32 / 3) / 6
  return 0
}

function widen(
  samples: Uint8Array,
  { width, height, channels }: ImageShape,
  outputWidth: number,
  across: Taps,
) {
  const wide = new Float32Array(height * outputWidth * channels)
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < outputWidth; x++) {
      for (let c = 0; c < channels; c++, to++) {
        let sum = 0
        for (let k = x * across.count; k < (x + 1) * across.count; k++) {
          sum += across.weights[k] * samples[(y * width + across.places[k]) * channels + c]
        }
        wide[to] = sum
      }
    }
  }
  return wide
}
