import { CodecError, UnknownModelError, UnreachableRateError } from '../../shared/codec/errors.ts'
import { ImageError } from '../../shared/images/errors.ts'
import { Problem, type ProblemKind } from './problem.ts'

const IMAGE_KINDS: Record<ImageError['status'], ProblemKind> = {
  400: 'malformed-image',
  413: 'too-large',
  415: 'unsupported-type',
}

/** Every error that a client can cause, as the problem it is told. Undefined: a fault of ours. */
export function asProblem(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error
  if (error instanceof UnknownModelError)
    return new Problem('unknown-model', error.message, { modelId: error.modelId })
  if (error instanceof CodecError) return new Problem('malformed-code', error.message)
  if (error instanceof UnreachableRateError)
    return new Problem('unreachable-rate', error.message, { ...error.best })
  if (error instanceof ImageError) return new Problem(IMAGE_KINDS[error.status], error.message)
  return undefined
}

/** The same error, told with the place of the form's part that caused it. */
export function inPart(label: string, error: unknown): unknown {
  const problem = asProblem(error)
  if (problem === undefined) return error
  return new Problem(problem.kind, `${label}: ${problem.message}`, { ...problem.extensions, part: label })
}
