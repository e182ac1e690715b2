/** The requests that are measured, and what each response must be. */
import { decode as decodePng } from 'fast-png'
import { type Compressed, compressBatch } from '../../shared/codec/codec.ts'
import { fromBase64Url, toBase64Url } from '../../shared/codec/container/base64url.ts'
import type { Model } from '../../shared/codec/model.ts'
import { benchImages, IMAGES, toPng } from './inputs.ts'
import type { HttpRequest } from './load.ts'
import type { LoadResponse } from './load-client.ts'

export interface Case {
  name: string
  model: string
  /** Images in each request. */
  images: number
  requests: HttpRequest[]
  /** The echo of the same bodies, for comparison. */
  echo?: string
  /** Throws unless the response to request i is right. */
  check(response: LoadResponse, i: number): void
}

const RAW = 'application/octet-stream'
const CODE = 'application/vnd.latent64'
const JSON_TYPE = 'application/json'

const post = (path: string, type: string, accept: string, body: Uint8Array): HttpRequest => ({
  method: 'POST',
  path,
  headers: { 'content-type': type, accept },
  body,
})
const json = (value: unknown) => Buffer.from(JSON.stringify(value))
const bodyOf = (response: LoadResponse): Uint8Array => Buffer.from(response.body, 'base64')
const jsonOf = (response: LoadResponse) => JSON.parse(Buffer.from(response.body, 'base64').toString())

function expectBytes(got: Uint8Array, expected: Uint8Array): void {
  if (Buffer.compare(got, expected) !== 0)
    throw new Error(`got ${got.length} bytes, not the expected ${expected.length}`)
}

const boundary = 'latent64-bench'
const FORM = `multipart/form-data; boundary=${boundary}`

function form(name: string, parts: Uint8Array[]): Uint8Array {
  const head = `Content-Disposition: form-data; name="${name}"; filename="part"\r\nContent-Type: ${RAW}\r\n\r\n`
  const each = parts.flatMap((part) => [Buffer.from(`--${boundary}\r\n${head}`), part, Buffer.from('\r\n')])
  return Buffer.concat([...each, Buffer.from(`--${boundary}--\r\n`)])
}

export function baselineCases(digits: Uint8Array[]): Case[] {
  const get = { method: 'GET' as const, path: '/noop', headers: {}, body: new Uint8Array() }
  const noop: Case = { name: 'noop', model: '', images: 1, requests: [get], check: () => {} }
  return [noop, { ...echoCase('', 'raw', RAW, digits, '/echo/bare'), name: 'echo, Hono alone, 784 bytes' }]
}

export const isHonoAlone = ({ name }: { name: string }) => name.startsWith('echo, Hono alone')

function echoCase(model: string, kind: string, type: string, bodies: Uint8Array[], path = '/echo'): Case {
  return {
    name: `echo ${kind}`,
    model,
    images: 1,
    requests: bodies.map((body) => post(path, type, RAW, body)),
    check: (response, i) => expectBytes(bodyOf(response), bodies[i]),
  }
}

/** Every kind of request for one model. */
export async function modelCases(model: Model): Promise<Case[]> {
  const images = await benchImages(model.manifest.input)
  const results = images.map((image) => compressBatch(model, [image])[0])
  return [...compressCases(model, images, results), ...decompressCases(model, results)]
}

function compressCases({ manifest }: Model, images: Uint8Array[], results: Compressed[]): Case[] {
  const { name, input } = manifest
  const path = `/compress?model=${name}`
  const bodies = {
    raw: images,
    JSON: images.map((image) => json({ pixels: Array.from(image) })),
    PNG: images.map((image) => toPng(image, input)),
    'batch of 64': [form('image', images)],
  }
  const checkCode: Case['check'] = (response, i) => {
    expectBytes(bodyOf(response), results[i].code)
    if (Number(response.headers['latent64-mse']) !== results[i].mse)
      throw new Error('another error than in Node')
  }
  const checkJson = (got: { code: string; latent: number[]; error: { mse: number } }, i: number) => {
    expectBytes(fromBase64Url(got.code), results[i].code)
    if (String(got.latent) !== String(Array.from(results[i].latent)))
      throw new Error('another latent than in Node')
  }
  const one = (
    kind: keyof typeof bodies,
    type: string,
    accept: string,
    check: Case['check'],
    as: string,
  ): Case => ({
    ...{ name: `compress ${kind} to ${as}`, model: name, images: 1, echo: `echo ${kind}`, check },
    requests: bodies[kind].map((body) => post(path, type, accept, body)),
  })
  const batch: Case = {
    ...one('batch of 64', FORM, JSON_TYPE, (response) => jsonOf(response).forEach(checkJson), 'JSON'),
    images: IMAGES,
  }
  const singleJson: Case['check'] = (response, i) => checkJson(jsonOf(response), i)
  return [
    echoCase(name, 'raw', RAW, bodies.raw),
    one('raw', RAW, CODE, checkCode, 'code'),
    one('raw', RAW, JSON_TYPE, singleJson, 'JSON'),
    echoCase(name, 'JSON', JSON_TYPE, bodies.JSON),
    one('JSON', JSON_TYPE, JSON_TYPE, singleJson, 'JSON'),
    echoCase(name, 'PNG', 'image/png', bodies.PNG),
    one('PNG', 'image/png', CODE, checkCode, 'code'),
    echoCase(name, 'batch of 64', FORM, bodies['batch of 64']),
    batch,
  ]
}

function decompressCases({ manifest }: Model, results: Compressed[]): Case[] {
  const { name } = manifest
  const codes = results.map(({ code }) => code)
  const echo = 'echo code'
  const one = (
    as: string,
    type: string,
    bodies: Uint8Array[],
    accept: string,
    check: Case['check'],
  ): Case => ({
    ...{ name: `decompress ${as}`, model: name, images: 1, echo, check },
    requests: bodies.map((body) => post('/decompress', type, accept, body)),
  })
  const checkPng: Case['check'] = (response, i) =>
    expectBytes(Buffer.from(decodePng(bodyOf(response)).data), results[i].samples)
  const checkJson = (got: { pixels: number[] }, i: number) =>
    expectBytes(Uint8Array.from(got.pixels), results[i].samples)
  const jsonBodies = codes.map((code) => json({ code: toBase64Url(code) }))
  const batch = one('batch of 64 to JSON', FORM, [form('code', codes)], JSON_TYPE, (response) =>
    jsonOf(response).forEach(checkJson),
  )
  return [
    echoCase(name, 'code', RAW, codes),
    one('code to raw', CODE, codes, RAW, (response, i) => expectBytes(bodyOf(response), results[i].samples)),
    one('code to PNG', CODE, codes, 'image/png', checkPng),
    one('JSON to JSON', JSON_TYPE, jsonBodies, JSON_TYPE, (response, i) => checkJson(jsonOf(response), i)),
    { ...batch, images: IMAGES },
  ]
}
