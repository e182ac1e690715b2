/** An image brought to a shape. */
export interface Samples {
  /** 8-bit [height, width, channels], on white */
  samples: Uint8Array
  /** 8-bit [height, width], if it was asked for and the image is of a kind that may be transparent */
  alpha?: Uint8Array
}
