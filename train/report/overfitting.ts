import type { TrainingRecord } from './training-record.ts'

/** The held-out loss may be this many times the training loss before there is a warning. */
const LIMIT = 1.1

/** A sentence or two if the model does better on the images it was trained on than on others; else undefined. */
export function overfittingOf({ images, trainingLoss, validationLoss }: TrainingRecord): string | undefined {
  // A vae's loss may be below zero; a ratio then says nothing.
  if (trainingLoss <= 0 || validationLoss < LIMIT * trainingLoss) return undefined
  const digits = (value: number) => value.toPrecision(3)
  return (
    `Overfitting: the loss is ${digits(validationLoss)} on held-out images and ${digits(trainingLoss)} on training images. ` +
    `${images.training.toLocaleString('en')} images are few for these networks: add images, start from a trained model (--from), ` +
    'make the networks narrower (--encoder-widths, --decoder-widths), or stop early (--patience 5).'
  )
}
