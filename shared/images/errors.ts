/** The image is malformed, truncated or damaged. The two classes below are kinds of it with a status of their own. */
export class ImageError extends Error {
  override name = 'ImageError'
  /** The HTTP status that fits. */
  readonly status: 400 | 413 | 415 = 400
}

/** The header asks for more pixels than the limits allow: nothing has been decoded. */
export class ImageTooLargeError extends ImageError {
  override name = 'ImageTooLargeError'
  override readonly status = 413
}

/** A well-formed image of a kind this service does not read. The message says what it is and what to send instead. */
export class UnsupportedImageError extends ImageError {
  override name = 'UnsupportedImageError'
  override readonly status = 415
}
