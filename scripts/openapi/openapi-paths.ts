/** What OpenAPI says about each route besides the schemas: formats, headers, statuses. */
import { ImageQuery, ImagesQuery } from '../../edge/bulk/images/schemas.ts'
import { CODE_TYPE, FORM_TYPE, JSON_TYPE, NDJSON_TYPE, RAW_TYPE } from '../../edge/http/media-type.ts'
import { CompressQuery, RenderQuery } from '../../edge/schemas.ts'
import { IMAGE_TYPES } from '../../shared/images/image-type.ts'
import type { queryParameters } from './query-parameters.ts'

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })
/** In OpenAPI 3.1 `{}` would be enough, but client generators recognize bytes by their format. */
const binary = { type: 'string', format: 'binary' }
const files = { type: 'array', minItems: 1, items: binary }
const problems = (...statuses: number[]) =>
  Object.fromEntries(
    [...statuses, 500].map((status) => [status, { $ref: `#/components/responses/Problem${status}` }]),
  )
type Headers = Record<string, { description: string; schema: { type: string } }>
const headers = (type: 'string' | 'integer' | 'number', described: Record<string, string>): Headers =>
  Object.fromEntries(
    Object.entries(described).map(([name, description]) => [name, { description, schema: { type } }]),
  )
const oneOrList = (name: string) => ({ oneOf: [ref(name), { type: 'array', items: ref(name) }] })

const compressHeaders: Headers = {
  ...headers('string', { 'Latent64-Model': 'Name of the model (binary responses).' }),
  ...headers('integer', { 'Latent64-Bytes': 'Length of the code (binary responses).' }),
  ...headers('number', {
    'Latent64-Mse': 'Mean squared error of the reconstruction, samples on [0, 1] (binary responses).',
    'Latent64-Psnr': 'The same in dB, at most 99 (binary responses).',
  }),
}
const pictureHeaders: Headers = {
  ...headers('string', { 'Latent64-Model': 'Name of the model.' }),
  ...headers('integer', {
    'Latent64-Width': 'Width of the image that was compressed.',
    'Latent64-Height': 'Its height.',
    'Latent64-Channels': '4 if the picture has transparency; absent if it has none.',
  }),
  ...headers('number', {
    'Latent64-Stored-Psnr': 'The PSNR that /compress measured, in dB, rounded to a half.',
  }),
}
const originalHeaders = headers('number', {
  'Latent64-Mse': 'Mean squared error against the original, samples on [0, 1], if one was sent.',
  'Latent64-Psnr': 'The same in dB, at most 99.',
})

function compress(parameters: typeof queryParameters) {
  const form = { type: 'object', required: ['image'], properties: { image: files } }
  const whole = [...IMAGE_TYPES, RAW_TYPE]
  return {
    operationId: 'compress',
    summary: 'Image to code',
    description:
      'Raw samples are 8-bit, row-major [h, w, c], exactly the model’s input. Files of another size are resized to ' +
      'it (area average), and the code keeps their own size. The response to a form of images is a list, in their order.',
    parameters: parameters(CompressQuery),
    requestBody: {
      required: true,
      content: {
        ...Object.fromEntries(whole.map((type) => [type, { schema: binary }])),
        [JSON_TYPE]: { schema: ref('PixelsBody') },
        [FORM_TYPE]: { schema: form, encoding: { image: { contentType: whole.join(', ') } } },
      },
    },
    responses: {
      200: {
        description: 'The code, and the error it causes.',
        headers: compressHeaders,
        content: { [JSON_TYPE]: { schema: oneOrList('CompressResponse') }, [CODE_TYPE]: { schema: binary } },
      },
      ...problems(400, 401, 404, 406, 408, 413, 415, 422, 429, 503),
    },
  }
}

function decompress(parameters: typeof queryParameters) {
  const form = { type: 'object', required: ['code'], properties: { code: files, original: files } }
  const encoding = {
    code: { contentType: CODE_TYPE },
    original: { contentType: [...IMAGE_TYPES, RAW_TYPE].join(', ') },
  }
  return {
    operationId: 'decompress',
    summary: 'Code, or latent, to picture',
    description:
      'The picture has the model’s size unless `width` or `size` asks for another. In a form, `original` parts beside ' +
      'the `code` parts get the true error measured and reported. The response to several codes is a list, as JSON.',
    parameters: parameters(RenderQuery),
    requestBody: {
      required: true,
      content: {
        [CODE_TYPE]: { schema: binary },
        [RAW_TYPE]: { schema: binary },
        [JSON_TYPE]: { schema: { anyOf: [ref('CodeBody'), ref('LatentBody')] } },
        [FORM_TYPE]: { schema: form, encoding },
      },
    },
    responses: {
      200: {
        description: 'The picture: a PNG, raw samples [h, w, c], or JSON.',
        headers: { ...pictureHeaders, ...originalHeaders },
        content: {
          'image/png': { schema: binary },
          [RAW_TYPE]: { schema: binary },
          [JSON_TYPE]: { schema: oneOrList('DecompressResponse') },
        },
      },
      ...problems(400, 401, 404, 406, 408, 413, 415, 422, 429, 503),
    },
  }
}

function preview(parameters: typeof queryParameters) {
  const code = {
    name: 'code',
    in: 'path',
    required: true,
    schema: { type: 'string' },
    description: 'base64url',
  }
  const caching = headers('string', {
    ETag: 'Identifies the picture forever.',
    'Cache-Control': 'public, immutable',
  })
  return {
    operationId: 'preview',
    summary: 'Code to PNG, for an <img>',
    security: [{}, { apiKey: [] }],
    parameters: [code, ...parameters(RenderQuery)],
    responses: {
      200: {
        description: 'The picture. It never changes.',
        headers: { ...pictureHeaders, ...caching },
        content: { 'image/png': { schema: binary }, 'image/webp': { schema: binary } },
      },
      304: { description: 'The client already has it.', headers: caching },
      ...problems(400, 401, 404, 413, 429, 503),
    },
  }
}

const json = (description: string, name: string) => ({
  description,
  content: { [JSON_TYPE]: { schema: ref(name) } },
})

const keyOnly = [{ apiKey: [] }]

function images(parameters: typeof queryParameters) {
  const keys = {
    name: 'key',
    in: 'query',
    required: false,
    description: 'Only these keys, instead of prefix, cursor and limit; up to 100.',
    schema: { type: 'array', maxItems: 100, items: { type: 'string' } },
  }
  return {
    operationId: 'listImages',
    summary: 'Codes of a bucket’s images, sorted by key',
    description:
      'For a service that compresses buckets (docs/bulk.md). As NDJSON and without `limit`: all images, one per line.',
    security: keyOnly,
    parameters: [...parameters(ImagesQuery), keys],
    responses: {
      200: {
        description: 'A page of images, including those with problems.',
        content: { [JSON_TYPE]: { schema: ref('StoredImages') }, [NDJSON_TYPE]: { schema: binary } },
      },
      ...problems(400, 401, 404, 406, 429),
    },
  }
}

function image(parameters: typeof queryParameters) {
  const key = {
    name: 'key',
    in: 'path',
    required: true,
    schema: { type: 'string' },
    description: 'The object’s key, percent-encoded; slashes may stay as they are.',
  }
  return {
    operationId: 'getImage',
    summary: 'The code of one image of a bucket',
    security: keyOnly,
    parameters: [key, ...parameters(ImageQuery)],
    responses: { 200: json('The image, or its problem.', 'StoredImage'), ...problems(400, 401, 404, 429) },
  }
}

export function paths(parameters: typeof queryParameters) {
  const id = {
    name: 'id',
    in: 'path',
    required: true,
    schema: { type: 'string' },
    description: 'Name or id.',
  }
  const models = { 200: json('The models, newest first.', 'ModelList'), ...problems(401, 429) }
  const model = { 200: json('The model.', 'ModelSummary'), ...problems(401, 404, 429) }
  const health = {
    200: json('Every model reproduces its golden code.', 'HealthResponse'),
    ...problems(429, 503),
  }
  return {
    '/compress': { post: compress(parameters) },
    '/decompress': { post: decompress(parameters) },
    '/preview/{code}': { get: preview(parameters) },
    '/images': { get: images(parameters) },
    '/images/{key}': { get: image(parameters) },
    '/models': { get: { operationId: 'listModels', summary: 'The models served here', responses: models } },
    '/models/{id}': {
      get: { operationId: 'getModel', summary: 'One model', parameters: [id], responses: model },
    },
    '/health': {
      get: {
        operationId: 'health',
        summary: 'Compresses and decompresses a built-in picture with each model',
        security: [{}],
        responses: health,
      },
    },
  }
}
