/** The image is malformed, truncated or damaged. The two subclasses below have other statuses. */
export class ImageError extends Error {
  override name = 'ImageError'
  /** The HTTP status that fits. */
  readonly status: 400 | 413 | 415 = 400
}

/** The image is over one of the limits. */
export class ImageTooLargeError extends ImageError {
  override name = 'ImageTooLargeError'
  override readonly status = 413
}

/** A well-formed image of a kind this service does not read. The message says what it is and what to send instead. */
export class UnsupportedImageError extends ImageError {
  override name = 'UnsupportedImageError'
  override readonly status = 415
}
