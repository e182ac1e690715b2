/** The service's routes as the page uses them. Errors come as problem+json and leave here as ApiError. */

import type { CompressResponse } from '../../../shared/codec/compress-response.ts'
import type { Manifest } from '../../../shared/manifest.ts'

interface CompressRequest {
  /** The server's choice if left out. */
  model?: string
  maxBytes?: number
  file: Blob
}

export class ApiError extends Error {
  override name = 'ApiError'
  readonly status: number
  /** If the rate could not be reached: what could. */
  readonly smallestBytes: number | undefined
  constructor(status: number, message: string, smallestBytes?: number) {
    super(message)
    this.status = status
    this.smallestBytes = smallestBytes
  }
}

let key = ''
/** The bearer key for /compress. Held in memory only. */
export const useKey = (given: string) => {
  key = given
}

/** The manifests of the models that this server has. */
export async function listModels(): Promise<Manifest[]> {
  return (await ask('/static/models/index.json')).json()
}

function compressUrl({ model, maxBytes }: Omit<CompressRequest, 'file'>): string {
  const query = new URLSearchParams()
  if (model !== undefined) query.set('model', model)
  if (maxBytes !== undefined) query.set('maxBytes', String(maxBytes))
  return query.size === 0 ? '/compress' : `/compress?${query}`
}

export async function compressOnServer(
  request: CompressRequest,
  signal: AbortSignal,
): Promise<CompressResponse> {
  const headers: HeadersInit = { 'content-type': request.file.type, accept: 'application/json' }
  if (key) headers.authorization = `Bearer ${key}`
  const init = { method: 'POST', headers, body: request.file, signal }
  return (await ask(compressUrl(request), init)).json()
}

/** The picture that a code gives back, as a PNG of the model's size. */
export async function previewPng(code: string, signal: AbortSignal): Promise<Blob> {
  return (await ask(`/preview/${code}`, { signal })).blob()
}

async function ask(url: string, init?: RequestInit): Promise<Response> {
  const response = await fetch(url, init)
  if (response.ok) return response
  const problem: { detail?: string; title?: string; smallestBytes?: number } = await response
    .json()
    .catch(() => ({}))
  const message = problem.detail ?? problem.title ?? `${url}: HTTP ${response.status}`
  throw new ApiError(response.status, message, problem.smallestBytes)
}

/** The request as a curl command, its file by the name the visitor knows. */
export function curlCommand({ model, maxBytes, file }: CompressRequest, name: string): string {
  const url = location.origin + compressUrl({ model, maxBytes })
  const quoted = `'@${name.replaceAll("'", "'\\''")}'`
  return `curl '${url}' \\\n  -H 'Content-Type: ${file.type}' \\\n  --data-binary ${quoted}`
}
