/**
 * The error of a code's latents, for each length of the code. The picture's squared error is that of all planes plus 0.6 to
 * 0.7 of theirs on photographs. Nothing has to be drawn to know it, so it tells about which length has a given quality.
 */
import { BLOCK_SAMPLES } from '../grid-shape.ts'
import type { LevelSymbols } from '../planes/level-symbols.ts'
import { GROUPS, UNIT } from '../planes/plane-groups.ts'
import { GROUP_COUNT } from '../planes/plane-shape.ts'
import { MOST_EXTRAPOLATION } from './shortest-code.ts'

/** About where in a quantization interval a latent is put; grid-codec.ts has the exact value. */
const RECONSTRUCTION = 0.45
/** How much the picture's error rises with the latents' error. Assumed until a code has been drawn. */
const USUAL_SHARE = 0.64
const [LEAST_SHARE, MOST_SHARE] = [0.25, 0.9]

/** Until the latents' error has fallen by this much, the picture owes more to the levels below, and the rule does not hold. */
const LEAST_FALL = 1.35
/** If the first two lengths both miss by more than this, the rule does not hold for this picture. */
const MOST_OFF_DB = 1.5

/** Mean squared, for each sample of a picture of [0, 1]: of its latents, and its own. */
interface Errors {
  error: number
  mse: number
}

interface Measured {
  bytes: number
  psnrDb: number
}

export class LatentErrors {
  /** For each group the magnitudes that are not zero: the others never add to the error. */
  readonly #magnitudes: Uint16Array[]
  readonly #count: number
  readonly #ofGroup: number[]
  readonly #bytes: number[] = []
  readonly #errors: number[] = []
  /** Of all planes. */
  readonly #whole: Errors

  /** source: the highest level's symbols, before the first of them is coded; wholePsnrDb: the quality of all their planes. */
  constructor(source: LevelSymbols, bytes: number, wholePsnrDb: number) {
    this.#magnitudes = Array.from({ length: GROUP_COUNT }, (_, group) => nonzero(source, group))
    this.#count = source.count
    const error = GROUPS.slice(0, GROUP_COUNT).reduce((sum, _, group) => sum + this.#errorOf(group, 0), 0)
    this.#whole = { error, mse: mseOf(wholePsnrDb) }
    this.#ofGroup = Array.from({ length: GROUP_COUNT }, (_, group) => this.#errorOf(group, 16))
    this.#push(bytes)
  }

  /** Records that a code of this many bytes has the group's bits down to this plane. */
  segmentEnded(plane: number, group: number, bytes: number): void {
    this.#ofGroup[group] = this.#errorOf(group, plane)
    this.#push(bytes)
  }

  #push(bytes: number): void {
    this.#bytes.push(bytes)
    this.#errors.push(this.#ofGroup.reduce((sum, error) => sum + error, 0))
  }

  /** Squared, in samples of [0, 1], for each sample of the picture. */
  #errorOf(group: number, plane: number): number {
    const magnitudes = this.#magnitudes[group]
    const unknown = 2 ** plane - 1
    const reconstructed = RECONSTRUCTION * 2 ** plane
    let sum = 0
    for (let at = 0; at < magnitudes.length; at++) {
      const magnitude = magnitudes[at]
      const error = magnitude > unknown ? (magnitude & unknown) + 0.5 - reconstructed : magnitude + 0.5
      sum += error * error
    }
    return (sum * UNIT * UNIT) / (this.#count * BLOCK_SAMPLES)
  }

  /** The picture of the symbols recorded so far has this quality, unless it is very unusual. */
  suffice(targetPsnrDb: number): boolean {
    const { mse, error } = this.#whole
    return mse + MOST_SHARE * (this.#errors.at(-1)! - error) < mseOf(targetPsnrDb)
  }

  /** About the quality of the symbols recorded so far. */
  get psnrDb(): number {
    const { mse, error } = this.#whole
    return -10 * Math.log10(mse + USUAL_SHARE * (this.#errors.at(-1)! - error))
  }

  /** The length at which the picture has about this quality; undefined if the highest level's latents do not decide it. */
  bytesFor(targetPsnrDb: number, drawn: Measured[]): number | undefined {
    const off = drawn.map(({ psnrDb }) => Math.abs(psnrDb - targetPsnrDb))
    if (off.length > 1 && Math.min(...off) > MOST_OFF_DB) return undefined
    const most = this.#errors[0] / LEAST_FALL
    if (drawn.some(({ bytes, psnrDb }) => psnrDb > targetPsnrDb && this.errorAt(bytes) > most))
      return undefined
    const { floor, share } = this.#fit(targetPsnrDb, drawn)
    const wanted = (mseOf(targetPsnrDb) - floor) / share
    const next = this.#errors.findIndex((error) => error <= wanted)
    if (wanted > most) return undefined
    if (next < 0) return this.#bytes.at(-1)
    const [before, after] = [this.#errors[next - 1], this.#errors[next]]
    const part = (before - wanted) / (before - after)
    return this.#bytes[next - 1] + part * (this.#bytes[next] - this.#bytes[next - 1])
  }

  /** A picture's error is floor + share * the latents' error, by the two known whose quality is nearest. */
  #fit(targetPsnrDb: number, drawn: Measured[]) {
    const distance = ({ mse }: Errors) => Math.abs(Math.log(mse / mseOf(targetPsnrDb)))
    const known = drawn.map(({ bytes, psnrDb }) => ({ error: this.errorAt(bytes), mse: mseOf(psnrDb) }))
    const [a, b] = [...known, this.#whole].toSorted((one, other) => distance(one) - distance(other))
    const line = b ? (a.mse - b.mse) / (a.error - b.error) : USUAL_SHARE
    const isFar = b && Math.abs(mseOf(targetPsnrDb) - a.mse) > MOST_EXTRAPOLATION * Math.abs(b.mse - a.mse)
    const share = line > LEAST_SHARE && line < MOST_SHARE && !isFar ? line : USUAL_SHARE
    return { floor: a.mse - share * a.error, share }
  }

  /** Mean squared error for each sample of the picture, at a length. */
  errorAt(bytes: number): number {
    const next = this.#bytes.findIndex((each) => each >= bytes)
    if (next <= 0) return this.#errors.at(next)!
    const part = (bytes - this.#bytes[next - 1]) / (this.#bytes[next] - this.#bytes[next - 1])
    return this.#errors[next - 1] + part * (this.#errors[next] - this.#errors[next - 1])
  }
}

function nonzero({ magnitudes, count }: LevelSymbols, group: number): Uint16Array {
  const all = magnitudes.subarray(GROUPS[group] * count, GROUPS[group + 1] * count)
  const found = new Uint16Array(all.length)
  let length = 0
  for (let at = 0; at < all.length; at++) {
    found[length] = all[at]
    if (all[at] !== 0) length++
  }
  return found.slice(0, length)
}

const mseOf = (psnrDb: number) => 10 ** (-psnrDb / 10)
