/** The types of the Node API. Published, so they import nothing. */

/** Samples of an image, row by row. */
export interface Pixels {
  /** 8-bit samples [height, width, channels]. */
  data: Uint8Array | Uint8ClampedArray
  width: number
  height: number
  /** 1: grey, 3: RGB, 4: RGBA (the default). */
  channels?: 1 | 3 | 4
}

/** A path, a file URL, the bytes of an image file, or pixels. */
export type ImageInput = string | URL | Uint8Array | ArrayBuffer | Blob | Pixels

export interface CompressOptions {
  /**
   * The code has at most this many bytes; the best picture that fits is chosen. From 56 on it is a long code, which
   * goes beyond a preview: `decompress` and `latent64/long` draw it, `latent64/decode` draws the preview in it.
   */
  maxBytes?: number
  /** The picture has at least this PSNR; the shortest code that reaches it is chosen. */
  targetPsnrDb?: number
  /** A model's name, or a directory that `latent64 train` wrote. */
  model?: string
}

export interface CompressedImage {
  /** base64url: for HTML, JSON, a URL or a text column. */
  code: string
  /** The same as bytes: for a binary column. */
  bytes: Uint8Array
  /** The original image's size, in pixels. */
  width: number
  height: number
  /** The name of the model that was used. */
  model: string
  /** Between the image at the model's size and the code's picture. */
  psnrDb: number
  /** False: the image is unlike those the model was trained on. */
  inDistribution: boolean
}

export interface BatchOptions extends CompressOptions {
  /** Worker threads; as many as there are cores if left out. */
  workers?: number
  /** Called as each image is done, in any order. */
  onResult?: (result: PromiseSettledResult<CompressedImage>, index: number) => void
}

/**
 * `model`: the model's own size; `original`: the original image's; or pixels: a side left out follows from the aspect
 * ratio.
 */
export type PictureSize = 'model' | 'original' | { width?: number; height?: number }

export interface Picture {
  /** 8-bit samples [height, width, channels]. */
  data: Uint8Array
  width: number
  height: number
  /** 4: the code keeps transparency; colours are not premultiplied. */
  channels: 1 | 3 | 4
  /** The original image's size, in pixels. */
  original: { width: number; height: number }
}
