import { encode as encodePng } from 'fast-png'
import { type ImageShape, sampleCount } from '../../shared/manifest.ts'

/** Images side by side as one PNG in a data URL. `images` [n, h, w, c] in [0,1]. */
export function strip(images: Float32Array, shape: ImageShape): string {
  const { height, width, channels } = shape
  const n = images.length / sampleCount(shape)
  return png(n * width, height, (x, y) => {
    const at = ((Math.floor(x / width) * height + y) * width + (x % width)) * channels
    return [0, 1, 2].map((c) => to8Bit(images[at + (channels === 1 ? 0 : c)]!))
  })
}

/** The signed error, mean over channels: blue where the reconstruction is darker, orange where it is lighter. */
export function errorStrip(
  originals: Float32Array,
  reconstructions: Float32Array,
  shape: ImageShape,
): string {
  const { height, width, channels } = shape
  const n = originals.length / sampleCount(shape)
  return png(n * width, height, (x, y) => {
    const at = ((Math.floor(x / width) * height + y) * width + (x % width)) * channels
    let error = 0
    for (let c = 0; c < channels; c++) error += (reconstructions[at + c]! - originals[at + c]!) / channels
    const strength = Math.min(1, Math.abs(error) * 3)
    const colour = error < 0 ? [37, 99, 235] : [234, 88, 12]
    return colour.map((c) => Math.round(255 + (c - 255) * strength))
  })
}

function png(width: number, height: number, colourAt: (x: number, y: number) => number[]): string {
  const data = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) data.set(colourAt(x, y), (y * width + x) * 3)
  const bytes = encodePng({ width, height, data, channels: 3, depth: 8 })
  return `data:image/png;base64,${Buffer.from(bytes).toString('base64')}`
}

function to8Bit(value: number): number {
  return Math.round(Math.min(1, Math.max(0, value)) * 255)
}
