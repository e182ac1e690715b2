/** Limits the long codes of one request: making or drawing one takes some microseconds per pixel. */
import { Problem } from '../http/problem.ts'
import { chargePixels } from '../middleware/rate-limit.ts'
import type { ServiceContext } from '../service-env.ts'

/** What a pixel of a long code counts as in an address's allowance, in pixels read. */
const LONG_CODE_PIXEL = 16

export class LongCodeBudget {
  readonly #c: ServiceContext
  #pixels = 0

  constructor(c: ServiceContext) {
    this.#c = c
  }

  /** Call for each code of the request before any work. Throws 413 and 429. */
  spend({ width, height }: { width: number; height: number }): void {
    const { maxLongCodePixels } = this.#c.get('settings')
    this.#pixels += width * height
    if (this.#pixels > maxLongCodePixels) {
      const detail = `the long codes of a request may hold ${maxLongCodePixels} pixels together`
      throw new Problem('too-large', `${detail}: send fewer images`, { maxLongCodePixels })
    }
    chargePixels(this.#c, LONG_CODE_PIXEL * width * height)
  }
}
