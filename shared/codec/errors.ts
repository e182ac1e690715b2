/** The bytes are not a code of this codec: truncated, altered, or not canonical. Untrusted input throws nothing else. */
export class CodecError extends Error {
  override name = 'CodecError'
  /** Which code of a batch it was, from 0. */
  batchIndex: number | undefined
}

/** The code is well formed, but names a model that is not loaded here. */
export class UnknownModelError extends CodecError {
  override name = 'UnknownModelError'
  readonly modelId: string
  constructor(modelId: string) {
    super(`the code names model ${modelId}, which is not loaded here`)
    this.modelId = modelId
  }
}

/** No rate level of the model can keep the caller's bound (`maxBytes` or `targetPsnrDb`) for this image. */
export class UnreachableRateError extends Error {
  override name = 'UnreachableRateError'
  /** Which image of a batch it was, from 0. */
  batchIndex: number | undefined
  /** What the caller could ask for instead. */
  readonly best: { smallestBytes: number } | { highestPsnrDb: number }
  constructor(message: string, best: { smallestBytes: number } | { highestPsnrDb: number }) {
    super(message)
    this.best = best
  }
}

/** Runs `work` for each item of a batch. The codec's errors say which item caused them. */
export function forEachOf<T, R>(items: readonly T[], work: (item: T, index: number) => R): R[] {
  return items.map((item, index) => {
    try {
      return work(item, index)
    } catch (error) {
      if (error instanceof CodecError || error instanceof UnreachableRateError) error.batchIndex = index
      throw error
    }
  })
}
