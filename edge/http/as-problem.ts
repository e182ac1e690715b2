import { CodecError, UnknownModelError, UnreachableRateError } from '../../shared/codec/errors.ts'
import { ImageError } from '../../shared/images/errors.ts'
import { Problem, type ProblemKind } from './problem.ts'

const IMAGE_KINDS: Record<ImageError['status'], ProblemKind> = {
  400: 'malformed-image',
  413: 'too-large',
  415: 'unsupported-type',
}

/** The problem to respond with, for every error that a client can cause. Undefined: a fault of the service. */
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

/** Runs `work`, whose errors name the form's part that caused them. */
export function inPart<T>(label: string | undefined, work: () => T): T {
  if (label === undefined) return work()
  const rethrow = (error: unknown): never => {
    throw namingPart(label, error)
  }
  try {
    const result = work()
    return result instanceof Promise ? (result.catch(rethrow) as T) : result
  } catch (error) {
    return rethrow(error)
  }
}

/** Runs `work` on a batch. The codec's errors say which of its items caused them, `labels` what that was called. */
export function inParts<T>(labels: (string | undefined)[], work: () => T): T {
  const rethrow = (error: unknown): never => {
    const index =
      error instanceof CodecError || error instanceof UnreachableRateError ? error.batchIndex : undefined
    const label = index === undefined ? undefined : labels[index]
    throw label === undefined ? error : namingPart(label, error)
  }
  try {
    const result = work()
    return result instanceof Promise ? (result.catch(rethrow) as T) : result
  } catch (error) {
    return rethrow(error)
  }
}

function namingPart(label: string, error: unknown): unknown {
  const problem = asProblem(error)
  if (problem === undefined) return error
  const { kind, message, extensions, headers } = problem
  return new Problem(kind, `${label}: ${message}`, { ...extensions, part: label }, headers)
}
