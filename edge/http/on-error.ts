import { log } from '../log.ts'
import type { ServiceContext } from '../service-env.ts'
import { asProblem } from './as-problem.ts'
import { Problem, problemResponse } from './problem.ts'

/** The only place where errors become responses. An error that no client should be able to cause is logged in full. */
export function onError(error: Error, c: ServiceContext): Response {
  const record = c.get('record')
  let problem = asProblem(error)
  if (problem === undefined) {
    log({ event: 'error', id: record.id, name: error.name, message: error.message, stack: error.stack })
    problem = new Problem(
      'internal',
      'an error inside the service; its log has the details under this requestId',
    )
  }
  record.problem = problem.kind
  return problemResponse(problem, record.id)
}
