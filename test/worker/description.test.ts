import * as v from 'valibot'
import { expect, test } from 'vitest'
import { createClient } from '../../edge/client.ts'
import { problemKinds } from '../../edge/http/problem.ts'
import { CompressAnswer, DecompressAnswer, HealthAnswer, ModelList } from '../../edge/schemas.ts'
import { call, JSON_TYPE, picture } from './call.ts'

const client = createClient('https://latent64.test', {
  fetch: (input: RequestInfo | URL, init?: RequestInit) =>
    call(new URL(new Request(input).url).pathname + new URL(new Request(input).url).search, init),
})

test('the typed client compresses and decompresses, and the answers are what the schemas say', async () => {
  const compressed = await client.compress.$post({
    query: { maxBytes: '60' },
    json: { pixels: [...picture()] },
  })
  const answer = await compressed.json()
  expect(v.is(v.strictObject(CompressAnswer.entries), answer)).toBe(true)
  const init = { headers: { accept: 'application/json' } }
  const back = await client.decompress.$post({ query: {}, json: { code: answer.code } }, init)
  const pictureBack = await back.json()
  expect(v.is(v.strictObject(DecompressAnswer.entries), pictureBack)).toBe(true)
  expect(pictureBack.pixels).toHaveLength(784)
  const { models } = await (await client.models.$get()).json()
  const model = await (await client.models[':id'].$get({ param: { id: models[0]!.name } })).json()
  expect(model).toEqual(models[0])
  expect(v.is(ModelList, await (await client.models.$get()).json())).toBe(true)
})

test('/health compares each model with the golden code that Node made', async () => {
  const response = await client.health.$get()
  const health = await response.json()
  expect(v.is(HealthAnswer, health)).toBe(true)
  expect(response.status).toBe(200)
  expect(health.models.length).toBeGreaterThan(0)
  expect(health.models.every(({ ok }) => ok)).toBe(true)
})

interface Described {
  operationId?: string
  requestBody?: { content: Record<string, { schema: object }> }
  responses: Record<string, { content?: Record<string, { schema: object }> }>
}
interface OpenApi {
  openapi: string
  paths: Record<string, Record<string, Described>>
  components: { schemas: Record<string, object>; responses: Record<string, object> }
}

const description = async () => (await (await call('/openapi.json')).json()) as OpenApi

test('/openapi.json is OpenAPI 3.1, all its references lead somewhere, and its routes are there', async () => {
  const document = await description()
  expect(document.openapi).toMatch(/^3\.1\./)
  for (const [, kind, name] of JSON.stringify(document).matchAll(/#\/components\/(\w+)\/(\w+)/g))
    expect(document.components[kind as 'schemas'][name!]).toBeDefined()
  for (const [path, methods] of Object.entries(document.paths))
    for (const method of Object.keys(methods)) {
      const response = await call(path.replace(/\{\w+\}/, 'x'), { method: method.toUpperCase() })
      const { type } = (await response.json()) as { type?: string }
      expect(['/docs#not-found', '/docs#method-not-allowed']).not.toContain(type)
    }
})

test('a generated client knows bytes as bytes: what is neither JSON nor a form has the format binary', async () => {
  for (const operation of Object.values((await description()).paths).flatMap((methods) =>
    Object.values(methods),
  )) {
    expect(operation.operationId).toMatch(/^\w+$/)
    const contents = [operation.requestBody?.content, operation.responses[200]!.content]
    for (const [type, { schema }] of contents.flatMap((content) => Object.entries(content ?? {})))
      if (type.startsWith('multipart/')) expect(JSON.stringify(schema)).toContain('"format":"binary"')
      else if (type !== JSON_TYPE) expect(schema).toEqual({ type: 'string', format: 'binary' })
  }
})

test('/docs explains each kind of problem at the place that problems point to', async () => {
  const response = await call('/docs')
  expect(response.headers.get('content-type')).toContain('text/html')
  const html = await response.text()
  for (const kind of Object.keys(problemKinds)) expect(html).toContain(`id="${kind}"`)
  expect(html).not.toMatch(/<script|(src|href)="https?:/)
})
