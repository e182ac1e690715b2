/** Codes and pixels on canvases. */
import { CodecError } from '../../../shared/codec/errors.ts'
import { aspectRatio, decode } from '../../../shared/preview/preview.ts'

interface Pixels {
  width: number
  height: number
  rgba: Uint8ClampedArray<ArrayBuffer>
}

export const pixelsOfCode = (code: string, side: number): Pixels =>
  decode(code, aspectRatio(code) < 1 ? { height: side } : { width: side })

export function drawPixels(canvas: HTMLCanvasElement, { width, height, rgba }: Pixels): void {
  canvas.width = width
  canvas.height = height
  canvas.getContext('2d')!.putImageData(new ImageData(rgba, width, height), 0, 0)
}

/** Drawn here, or by the server if it is a code of another model; returns whether it was drawn here. */
export async function drawCode(canvas: HTMLCanvasElement, code: string, side: number): Promise<boolean> {
  try {
    drawPixels(canvas, pixelsOfCode(code, side))
    return true
  } catch (error) {
    if (!(error instanceof CodecError)) throw error
    await drawImage(canvas, `/preview/${code}?width=${side}`)
    return false
  }
}

export async function drawImage(canvas: HTMLCanvasElement, src: string): Promise<void> {
  const image = new Image()
  image.src = src
  await image.decode()
  canvas.width = image.naturalWidth
  canvas.height = image.naturalHeight
  canvas.getContext('2d')!.drawImage(image, 0, 0)
}
