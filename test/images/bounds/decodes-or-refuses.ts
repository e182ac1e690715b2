import { expect } from 'vitest'
import { decodeImage } from '../../../shared/images/decode-image.ts'
import { ImageError } from '../../../shared/images/errors.ts'
import type { ImageType } from '../../../shared/images/image-type.ts'

export const shape = { height: 32, width: 32, channels: 3 } as const
export const limits = { maxPixels: 16e6 }
/** On a busy machine; a decode takes a few. */
export const PATIENCE_MS = 5000

/** Either samples or one of the three errors, within bounded time. */
export async function decodesOrRefuses(bytes: Uint8Array, type: ImageType): Promise<boolean> {
  const start = performance.now()
  try {
    const { samples } = await decodeImage(bytes, type, shape, limits)
    expect(samples.length).toBe(32 * 32 * 3)
    return true
  } catch (error) {
    if (!(error instanceof ImageError)) throw error
    return false
  } finally {
    expect(performance.now() - start).toBeLessThan(PATIENCE_MS)
  }
}
