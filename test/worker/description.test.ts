import * as v from 'valibot'
import { expect, test } from 'vitest'
import { problemKinds } from '../../edge/http/problem.ts'
import { CompressResponse, DecompressResponse, HealthResponse, ModelList } from '../../edge/schemas.ts'
import { call, JSON_TYPE, picture, postJson } from './call.ts'

const json = async (path: string) => (await call(path)).json()

test('responses of every route that has JSON are exactly what the schemas say', async () => {
  const compressed = await (await postJson('/compress?maxBytes=60', { pixels: [...picture()] })).json()
  const { code } = v.parse(v.strictObject(CompressResponse.entries), compressed)
  const decompressed = await (await postJson('/decompress', { code }, JSON_TYPE)).json()
  expect(v.parse(v.strictObject(DecompressResponse.entries), decompressed).pixels).toHaveLength(784)
  const { models } = v.parse(v.strictObject(ModelList.entries), await json('/models'))
  expect(models.length).toBeGreaterThan(1)
  for (const model of models) expect(await json(`/models/${model.name}`)).toEqual(model)
})

test('/health compares each model with the golden code that Node made', async () => {
  const response = await call('/health')
  expect(response.status).toBe(200)
  const { models } = v.parse(HealthResponse, await response.json())
  const served = v.parse(ModelList, await json('/models'))
  const grids = served.longCodes.map(({ name, number }) => ({ name, id: `grid ${number}` }))
  expect(grids).toHaveLength(1)
  expect(models).toEqual([...served.models, ...grids].map(({ name, id }) => ({ name, id, ok: true })))
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
    const contents = [operation.requestBody?.content, operation.responses[200].content]
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
  expect(html).not.toMatch(/<script(?! type="module" src="\/static\/)|(src|href)="https?:/)
})
