import type { ServiceContext } from '../service-env.ts'

/** For the page and the docs: only files from this origin, including wasm, and pictures that the page makes itself. */
const PAGE_POLICY =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; " +
  "img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
/** For data responses: nothing in them may run or load anything. */
const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"

export const SECURE_DATA_HEADERS = {
  'content-security-policy': DATA_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000',
  'cross-origin-resource-policy': 'cross-origin', // previews are meant to be embedded elsewhere
} as const

export function setSecureHeaders({ res: { headers } }: ServiceContext): void {
  if (headers.has('content-security-policy')) return // see dataResponse
  const isPage = headers.get('content-type')?.startsWith('text/html') ?? false
  for (const [name, value] of Object.entries(SECURE_DATA_HEADERS)) headers.set(name, value)
  if (isPage) headers.set('content-security-policy', PAGE_POLICY)
}
