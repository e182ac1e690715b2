/** RFC 9457 problem details, the body of every response of 400 and above. */

/** The kinds of problem, by the fragment of /docs that explains them. */
export const problemKinds = {
  malformed: { status: 400, title: 'The request is malformed' },
  'malformed-code': { status: 400, title: 'The code is not valid' },
  'malformed-image': { status: 400, title: 'The image is damaged' },
  unauthorized: { status: 401, title: 'A valid API key is required' },
  'not-found': { status: 404, title: 'There is nothing at this URL' },
  'unknown-model': { status: 404, title: 'This service does not have the model' },
  'method-not-allowed': { status: 405, title: 'The URL does not support this method' },
  'not-acceptable': { status: 406, title: 'None of the accepted media types is available' },
  'read-timeout': { status: 408, title: 'The body took too long to arrive' },
  'too-large': { status: 413, title: 'The request, or the picture it asks for, is too large' },
  'unsupported-type': { status: 415, title: 'The media type is not supported' },
  'wrong-shape': { status: 422, title: 'The shape does not fit the model' },
  'unreachable-rate': { status: 422, title: 'The requested size or quality cannot be reached' },
  'rate-limited': { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Internal error' },
  busy: { status: 503, title: 'The service is busy' },
  unhealthy: { status: 503, title: 'The service does not reproduce its golden codes' },
} as const

export type ProblemKind = keyof typeof problemKinds

export class Problem extends Error {
  override name = 'Problem'
  readonly kind: ProblemKind
  readonly extensions: Record<string, unknown>
  readonly headers: Record<string, string>
  constructor(
    kind: ProblemKind,
    detail: string,
    extensions: Record<string, unknown> = {},
    headers: Record<string, string> = {},
  ) {
    super(detail)
    this.kind = kind
    this.extensions = extensions
    this.headers = headers
  }
}

/** Details may quote what the client sent. */
const MAX_DETAIL_LENGTH = 1000

function problemBody(problem: Problem, requestId: string) {
  const { status, title } = problemKinds[problem.kind]
  const { message } = problem
  return {
    type: `/docs#${problem.kind}`,
    title,
    status,
    detail: message.length > MAX_DETAIL_LENGTH ? `${message.slice(0, MAX_DETAIL_LENGTH)}...` : message,
    ...problem.extensions,
    requestId,
  }
}

export function problemResponse(problem: Problem, requestId: string): Response {
  return new Response(JSON.stringify(problemBody(problem, requestId)), {
    status: problemKinds[problem.kind].status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...problem.headers },
  })
}
