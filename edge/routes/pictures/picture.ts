import type { Manifest } from '../../../shared/manifest.ts'
import type { AlphaSymbols } from '../../../shared/preview/alpha.ts'
import type { PreviewParameters } from '../../../shared/preview/parameters.ts'

export interface Picture {
  model: { manifest: Pick<Manifest, 'name' | 'input'>; preview?: PreviewParameters }
  /** [h, w, c] of the model; for a long code, of the size at which it was coded. */
  samples: Uint8Array
  /** Absent for a long code. */
  latent?: Float32Array
  /** For a preview with transparency. */
  alpha?: AlphaSymbols
  /** The original image's size in pixels. */
  width: number
  height: number
  /** What compress measured; absent for a latent. */
  storedPsnrDb?: number
  /** Against the original, if one was sent. */
  error?: { mse: number; psnrDb: number; ssim: number }
  /** Only for a long code that was cut: how much of it there is. */
  beginning?: { bytes: number; totalBytes: number }
}
