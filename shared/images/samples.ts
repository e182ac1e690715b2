/** An image brought to a shape. */
export interface Samples {
  /** 8-bit [height, width, channels], on white */
  samples: Uint8Array
  /** 8-bit [height, width], if it was requested and the image's kind can be transparent */
  alpha?: Uint8Array
}
