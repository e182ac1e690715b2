import { SingleBar } from 'cli-progress'

export interface ProgressValues {
  epoch: number
  loss: number
  psnrDb: number
  imagesPerSecond: number
}

/** A bar on a terminal, a plain line every so often elsewhere; both with loss, PSNR, images a second and ETA. */
export class Progress {
  readonly #bar: SingleBar | undefined
  readonly #total: number
  readonly #epochs: number
  #done: number
  #since = performance.now()
  readonly #doneBefore: number
  #lastLine = 0

  constructor(totalSteps: number, doneSteps: number, epochs: number) {
    this.#total = totalSteps
    this.#epochs = epochs
    this.#done = this.#doneBefore = doneSteps
    if (!process.stderr.isTTY) return
    const format = '{bar} epoch {epoch}/{epochs}  loss {loss}  {psnr} dB  {rate} images/s  ETA {left}'
    this.#bar = new SingleBar({ format, barsize: 20, hideCursor: true, stream: process.stderr, fps: 4 })
    this.#bar.start(totalSteps, doneSteps, this.#fields({ epoch: 0, loss: 0, psnrDb: 0, imagesPerSecond: 0 }))
  }

  update(doneSteps: number, values: ProgressValues): void {
    this.#done = doneSteps
    if (this.#bar) this.#bar.update(doneSteps, this.#fields(values))
    else if (performance.now() - this.#lastLine > 15_000) {
      this.#lastLine = performance.now()
      const { loss, psnr, rate, left } = this.#fields(values)
      const share = ((100 * doneSteps) / this.#total).toFixed(1)
      console.error(
        `${share} %  epoch ${values.epoch}/${this.#epochs}  loss ${loss}  ${psnr} dB  ${rate} images/s  ETA ${left}`,
      )
    }
  }

  /** A line that stays. */
  say(line: string): void {
    if (this.#bar) process.stderr.write('\r\x1b[2K')
    console.error(line)
  }

  stop(): void {
    this.#bar?.stop()
  }

  #fields({ epoch, loss, psnrDb, imagesPerSecond }: ProgressValues) {
    const perStep = (performance.now() - this.#since) / 1000 / Math.max(1, this.#done - this.#doneBefore)
    const left = this.#done > this.#doneBefore ? duration(perStep * (this.#total - this.#done)) : '-'
    return {
      epoch,
      epochs: this.#epochs,
      loss: loss.toPrecision(4),
      psnr: psnrDb.toFixed(2),
      rate: imagesPerSecond.toFixed(0),
      left,
    }
  }
}

export function duration(seconds: number): string {
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.round(seconds) % 60]
  if (h) return `${h} h ${m} min`
  return m ? `${m} min ${s} s` : `${s} s`
}
