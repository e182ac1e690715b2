/** How tests in workerd call the service, and what they send. */
import { exports } from 'cloudflare:workers'
import { expect } from 'vitest'
import { healthImage } from '../../edge/routes/health-golden.ts'
import type { CompressResponse, ModelList, ModelSummary } from '../../edge/schemas.ts'

export const RAW = 'application/octet-stream'
export const CODE = 'application/vnd.latent64'
export const JSON_TYPE = 'application/json'

const worker = (exports as unknown as { default: Fetcher }).default

export const call = (path: string, init?: RequestInit) =>
  worker.fetch(new Request(`https://latent64.test${path}`, init))

export function post(path: string, body: BodyInit, type: string | undefined, accept?: string) {
  const headers = new Headers(accept === undefined ? {} : { accept })
  if (type !== undefined) headers.set('content-type', type)
  return call(path, { method: 'POST', body, headers })
}

export const postJson = (path: string, body: unknown, accept?: string) =>
  post(path, JSON.stringify(body), JSON_TYPE, accept)

export async function digits(): Promise<ModelSummary> {
  const { models } = (await (await call('/models')).json()) as ModelList
  return models.find(({ input }) => input.height === 28 && input.channels === 1)!
}

/** A picture of the digits' shape, 784 bytes. */
export const picture = () => healthImage({ height: 28, width: 28, channels: 1 }) as Uint8Array<ArrayBuffer>

export async function bytesOf(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  expect(response.status).toBe(200)
  return new Uint8Array(await response.arrayBuffer())
}

/** Expects problem+json of this status and kind; returns its detail. */
export async function expectProblem(response: Response, status: number, kind: string): Promise<string> {
  const body = await response.text()
  expect(body).toContain(`"/docs#${kind}"`)
  expect(response.status).toBe(status)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  const problem = JSON.parse(body)
  expect(problem).toMatchObject({ status, requestId: response.headers.get('x-request-id') })
  return problem.detail
}

export async function compress(path: string, body: BodyInit, type: string): Promise<CompressResponse> {
  return JSON.parse(new TextDecoder().decode(await bytesOf(await post(path, body, type))))
}

/** The response of /compress for picture(). */
export const compressedPicture = () => compress('/compress', picture(), RAW)
