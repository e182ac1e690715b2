import { SingleBar } from 'cli-progress'
import { duration } from '../../node/terminal/format.ts'
import type { Validation } from '../validate.ts'

interface StepMetrics {
  step: number // completed steps over all epochs
  epoch: number // the current one, from 1
  loss: number
  psnrDb: number
  imagesPerSecond: number
}

/** What fit() reports. */
export interface TrainingProgress {
  step(metrics: StepMetrics): void
  epoch(epoch: number, validation: Validation, validationSeconds: number): void
  stop(): void
}

interface Workload {
  epochs: number
  stepsPerEpoch: number
  doneSteps: number // before this run was resumed
  exportSeconds: number // expected
}

const lineEverySeconds = 15

/** A bar on a terminal, otherwise a plain line from time to time; the ETA includes validation and export. */
export function showProgress(workload: Workload): TrainingProgress {
  const { epochs, stepsPerEpoch, doneSteps } = workload
  const total = epochs * stepsPerEpoch
  const left = timeLeft(workload)
  const bar = process.stderr.isTTY ? startBar(total, doneSteps, epochs) : undefined
  let lineAt = 0
  return {
    step({ step, epoch, loss, psnrDb, imagesPerSecond }) {
      const fields = {
        epoch,
        loss: loss.toPrecision(4),
        psnr: psnrDb.toFixed(2),
        rate: imagesPerSecond.toFixed(0),
        left: duration(left.after(step)),
      }
      if (bar) bar.update(step, fields)
      else if (performance.now() - lineAt > lineEverySeconds * 1000) {
        lineAt = performance.now()
        const share = ((100 * step) / total).toFixed(1)
        console.error(
          `${share} %  epoch ${epoch}/${epochs}  loss ${fields.loss}  ${fields.psnr} dB  ${fields.rate} images/s  ETA ${fields.left}`,
        )
      }
    },
    epoch(epoch, { loss, psnrDb, rateBits }, validationSeconds) {
      left.validated(validationSeconds)
      if (bar) process.stderr.write('\r\x1b[2K')
      const rate = rateBits ? `, ${(rateBits / 8).toFixed(2)} bytes` : ''
      console.error(
        `epoch ${epoch}, ${left.elapsed().toFixed(0)} s: validation loss ${loss.toPrecision(5)}, ${psnrDb.toFixed(2)} dB${rate}`,
      )
    },
    stop: () => bar?.stop(),
  }
}

function startBar(total: number, done: number, epochs: number): SingleBar {
  const format = `{bar} epoch {epoch}/${epochs}  loss {loss}  {psnr} dB  {rate} images/s  ETA {left}`
  const bar = new SingleBar({ format, barsize: 20, hideCursor: true, stream: process.stderr, fps: 4 })
  bar.start(total, done, { epoch: '-', loss: '-', psnr: '-', rate: '-', left: '-' })
  return bar
}

/** Time left for steps, validations and export, each at its own measured or expected pace. */
function timeLeft({ epochs, stepsPerEpoch, doneSteps, exportSeconds }: Workload) {
  const startedMs = performance.now()
  const elapsed = () => (performance.now() - startedMs) / 1000
  let validations = 0
  let validating = 0
  return {
    elapsed,
    validated(seconds: number) {
      validations++
      validating += seconds
    },
    after(step: number): number {
      const perStep = (elapsed() - validating) / Math.max(1, step - doneSteps)
      const perValidation = validations ? validating / validations : 0
      const epochsLeft = epochs - Math.floor(step / stepsPerEpoch)
      return perStep * (epochs * stepsPerEpoch - step) + perValidation * epochsLeft + exportSeconds
    },
  }
}
