import { ImageTooLargeError } from './errors.ts'

/** JPEG's own limit, applied to every format because it bounds the memory that one row takes. */
export const MAX_SIDE = 65535

/** Pixels of one image, as stored. */
export const DEFAULT_MAX_PIXELS = 16e6

/**
 * What decoding may cost, in units that take 9 to 15 ns on a server of 2024: for one image, or for all images of a
 * request that share a budget. docs/images.md says what costs how much.
 */
export const DEFAULT_MAX_WORK = 64e6

/** Print shops' colour profiles have up to 3 MB; a profile larger than this is not applied. */
export const MAX_PROFILE_BYTES = 4 << 20

export interface ImageLimits {
  maxPixels: number
  /** Absent: each image has a budget of DEFAULT_MAX_WORK to itself. */
  work?: WorkBudget
}

/** ImageLimits with a budget in any case, as decodeImage passes them on. */
export type DecodeLimits = Required<ImageLimits>

/** Charges for decoding before it is done. Give all images of a request the same budget. */
export class WorkBudget {
  readonly total: number
  private spent = 0

  constructor(total: number = DEFAULT_MAX_WORK) {
    this.total = total
  }

  get left(): number {
    return this.total - this.spent
  }

  /** Throws ImageTooLargeError (413) if less than `units` is left; what is left stays available for smaller images. */
  spend(units: number, what: string): void {
    if (units > this.left) {
      throw new ImageTooLargeError(
        `${what} takes ${Math.ceil(units)} units of decoding work, ${Math.floor(this.left)} of ${this.total} are left`,
      )
    }
    this.spent += units
  }
}

/** Called with a header's dimensions before anything is allocated or decoded. */
export function checkDimensions(width: number, height: number, { maxPixels }: ImageLimits): void {
  if (width > MAX_SIDE || height > MAX_SIDE) {
    throw new ImageTooLargeError(`expected sides of at most ${MAX_SIDE} pixels, got ${width} x ${height}`)
  }
  if (width * height > maxPixels) {
    throw new ImageTooLargeError(`expected at most ${maxPixels} pixels, got ${width} x ${height}`)
  }
}
