import { encodePng } from '../../shared/images/png/encode-png.ts'
import type { ImageShape } from '../../shared/manifest.ts'

/** Images [h, w, c] of 8-bit samples side by side, as one PNG in a data URL. */
export function strip(images: Uint8Array[], shape: ImageShape): string {
  return png(images.length, shape, (image, at) =>
    [0, 1, 2].map((c) => images[image][at + (shape.channels === 1 ? 0 : c)]),
  )
}

/** The signed error, mean over channels: blue if the reconstruction is darker, orange if it is lighter. */
export function errorStrip(
  originals: Uint8Array[],
  reconstructions: Uint8Array[],
  shape: ImageShape,
): string {
  const { channels } = shape
  return png(originals.length, shape, (image, at) => {
    let error = 0
    for (let c = 0; c < channels; c++)
      error += (reconstructions[image][at + c] - originals[image][at + c]) / channels / 255
    const strength = Math.min(1, Math.abs(error) * 3)
    const colour = error < 0 ? [37, 99, 235] : [234, 88, 12]
    return colour.map((c) => Math.round(255 + (c - 255) * strength))
  })
}

/** `colourAt`: a pixel's colour by the index of its first sample. */
function png(
  images: number,
  { height, width, channels }: ImageShape,
  colourAt: (image: number, at: number) => number[],
): string {
  const total = images * width
  const data = new Uint8Array(total * height * 3)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < total; x++)
      data.set(colourAt(Math.floor(x / width), (y * width + (x % width)) * channels), (y * total + x) * 3)
  const bytes = encodePng(data, { width: total, height, channels: 3 })
  return `data:image/png;base64,${Buffer.from(bytes).toString('base64')}`
}
