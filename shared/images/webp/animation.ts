/** The first frame of an animated WebP: taken out as a file of its own for libwebp, then put back on the animation's canvas. */
import type { AnimationFrame } from './webp-header.ts'

const ALPHA_FLAG = 0x10

export function stillOf({ width, height, lossless, data, alpha }: AnimationFrame): Uint8Array {
  const canvas = new Uint8Array(10)
  canvas[0] = alpha ? ALPHA_FLAG : 0
  canvas.set([width - 1, (width - 1) >> 8, (width - 1) >> 16], 4)
  canvas.set([height - 1, (height - 1) >> 8, (height - 1) >> 16], 7)
  const chunks: [string, Uint8Array][] = lossless
    ? [['VP8L', data]]
    : [['VP8X', canvas], ...(alpha ? [['ALPH', alpha] as [string, Uint8Array]] : []), ['VP8 ', data]]
  const file = new Uint8Array(
    12 + chunks.reduce((sum, [, body]) => sum + 8 + body.length + (body.length & 1), 0),
  )
  const view = new DataView(file.buffer)
  const name = (at: number, text: string) => {
    for (let i = 0; i < 4; i++) file[at + i] = text.charCodeAt(i)
  }
  name(0, 'RIFF')
  view.setUint32(4, file.length - 8, true)
  name(8, 'WEBP')
  let at = 12
  for (const [text, body] of chunks) {
    name(at, text)
    view.setUint32(at + 4, body.length, true)
    file.set(body, at + 8)
    at += 8 + body.length + (body.length & 1)
  }
  return file
}

/** Rows of the canvas with the frame on it; outside the frame all is 0, which is transparent. [4 * canvasWidth] */
export function canvasRows(rgba: Uint8Array, { x, y, width, height }: AnimationFrame, canvasWidth: number) {
  const row = new Uint8Array(4 * canvasWidth)
  return (canvasY: number): Uint8Array => {
    const line = canvasY - y
    const isBeside = line < 0 || line >= height
    if (isBeside) row.fill(0)
    else row.set(rgba.subarray(4 * line * width, 4 * (line + 1) * width), 4 * x)
    return row
  }
}
