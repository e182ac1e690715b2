/** The OpenAPI 3.1 document, from the schemas that check requests at run time. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { toJsonSchemaDefs } from '@valibot/to-json-schema'
import { StoredImage, StoredImages } from '../../edge/bulk/images/schemas.ts'
import { problemKinds } from '../../edge/http/problem.ts'
import * as schemas from '../../edge/schemas.ts'
import { paths } from './openapi-paths.ts'
import { config, queryParameters } from './query-parameters.ts'

export async function openApiDocument() {
  const { version } = JSON.parse(
    await readFile(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8'),
  )
  const { PixelsBody, CodeBody, LatentBody, CompressResponse, DecompressResponse } = schemas
  const { ModelSummary, ModelList, ModelHealth, HealthResponse, ProblemBody } = schemas
  const named = toJsonSchemaDefs(
    {
      ...{ PixelsBody, CodeBody, LatentBody, CompressResponse, DecompressResponse },
      ...{ ModelSummary, ModelList, ModelHealth, HealthResponse, Problem: ProblemBody },
      ...{ StoredImage, StoredImages },
    },
    config,
  )
  named.Problem = { ...named.Problem, additionalProperties: true }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Latent64',
      version,
      description: 'A learned image codec: an image becomes 64 or 96 numbers, the numbers a few dozen bytes.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{}, { apiKey: [] }],
    paths: paths(queryParameters),
    components: {
      schemas: named,
      responses: problemResponses(),
      securitySchemes: {
        apiKey: {
          type: 'http',
          scheme: 'bearer',
          description: 'Required if the service has API keys; without them it is open.',
        },
      },
    },
  }
}

/** Headers of problems. There is no 405, which belongs to no operation here. */
const problemHeaders: Record<number, Record<string, object>> = {
  401: { 'WWW-Authenticate': { description: 'Bearer, and what is wrong.', schema: { type: 'string' } } },
  429: { 'Retry-After': { description: 'Seconds.', schema: { type: 'integer' } } },
  503: { 'Retry-After': { description: 'Seconds; if the service is busy.', schema: { type: 'integer' } } },
}

/** One named response for each status; its description names the kinds of problem that have it. */
function problemResponses() {
  const byStatus = new Map<number, string[]>()
  for (const [kind, { status, title }] of Object.entries(problemKinds))
    if (status !== 405) byStatus.set(status, [...(byStatus.get(status) ?? []), `${kind}: ${title}`])
  const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }
  return Object.fromEntries(
    [...byStatus].map(([status, kinds]) => [
      `Problem${status}`,
      { description: `${kinds.join('. ')}.`, headers: problemHeaders[status], content },
    ]),
  )
}
