/** The bytes are no code of this codec: truncated, altered, or not canonical. Untrusted input only ever throws this. */
export class CodecError extends Error {
  override name = 'CodecError'
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
  /** What the caller could ask for instead. */
  readonly best: { smallestBytes: number } | { highestPsnrDb: number }
  constructor(message: string, best: { smallestBytes: number } | { highestPsnrDb: number }) {
    super(message)
    this.best = best
  }
}
