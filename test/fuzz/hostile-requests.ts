/** Requests that no well-meaning client sends. Most are refused with a 4xx; some damage goes unnoticed and gets a 200. */
import { deflateSync } from 'node:zlib'
import { packContainer } from '../../shared/codec/container/container.ts'
import { damaged, pngAround } from './damage.ts'
import { brokenJson, damagedForm, damagedImage, decompressing, post, type Unsent } from './hostile-bodies.ts'
import type { HostileRequest } from './hostile-request.ts'
import { randomLongCode } from './long-codes.ts'
import type { Originals } from './originals.ts'
import type { Random } from './random.ts'

type Make = (random: Random, originals: Originals) => Unsent

const IMAGE_TYPES = ['image/png', 'image/jpeg', 'image/webp'] as const
const OTHER_TYPES = [
  ...['image/gif', 'image/avif', 'text/plain', 'application/xml', '', 'image/*', 'multipart/form-data'],
  ...[
    'application/json; charset=utf-7',
    'application/octet-stream',
    'application/vnd.latent64',
    'x'.repeat(2000),
  ],
]

/** 100 kB that inflate to 100 MB. */
const zeroBomb = deflateSync(Buffer.alloc(100e6), { level: 9 })

/** How often, and what. */
const KINDS: [string, number, Make][] = [
  [
    'damaged image',
    40,
    (random, originals) => {
      const { type, bytes } = damagedImage(random, originals)
      const model = random.pick(['', '', '?model=mnist', '?model=photo'])
      return post(`/compress${model}`, type, bytes)
    },
  ],
  [
    'header of a huge image',
    4,
    (random, { images }) => {
      const { type, bytes } = random.pick(images)
      const huge = bytes.slice()
      if (type === 'image/png') {
        const side = random.pick([60000, 65536, 2 ** 31 - 1, 4001, 0])
        return post(
          '/compress',
          type,
          pngAround(side, random.pick([side, 1, 4000]), random.pick([0, 2, 3, 4, 6]), [zeroBomb]),
        )
      }
      const frame = Buffer.from(huge).indexOf(Buffer.from([0xff, random.pick([0xc0, 0xc2])]))
      if (type === 'image/jpeg' && frame > 0) huge.set([0xff, 0xff, 0xff, 0xff], frame + 5)
      if (type === 'image/webp') huge.fill(0xff, 24, 30)
      return post('/compress', type, huge)
    },
  ],
  [
    'inflating bomb',
    0.4,
    (random) => {
      const side = random.pick([10, 28, 32, 300, 4000])
      const data = new Array(random.pick([1, 3, 90])).fill(zeroBomb)
      return post('/compress', 'image/png', pngAround(side, side, random.pick([0, 2, 6]), data))
    },
  ],
  [
    'large image, damaged or not',
    0.25,
    (random, { largeImages }) => {
      const { type, bytes } = random.pick(largeImages)
      return post('/compress', type, random.below(3) === 0 ? bytes : damaged(bytes, random))
    },
  ],
  ['body over the limit', 0.1, () => post('/compress', 'application/octet-stream', new Uint8Array(11e6))],
  [
    'image of another type than declared',
    3,
    (random, { images }) =>
      post('/compress', random.pick([...IMAGE_TYPES, ...OTHER_TYPES]), random.pick(images).bytes),
  ],
  [
    'random bytes',
    5,
    (random) => {
      const type = random.pick([...IMAGE_TYPES, ...OTHER_TYPES, 'application/json'])
      return post(random.pick(['/compress', '/decompress']), type, random.bytes(random.below(2000)))
    },
  ],
  ['random code', 6, (random) => decompressing(random, random.bytes(random.below(80)))],
  [
    'well-formed code with a random payload',
    8,
    (random, { codes }) => {
      const { model } = random.pick(codes)
      const modelId = random.below(4) === 0 ? random.pick(['0000', '3fff', '2eef']) : model.manifest.id
      const code = packContainer({ modelId, payload: random.bytes(random.below(60)) })
      return decompressing(random, code)
    },
  ],
  [
    'altered code',
    8,
    (random, { codes }) =>
      post('/decompress', 'application/vnd.latent64', damaged(random.pick(codes).code, random)),
  ],
  [
    'altered or cut long code',
    5,
    (random, { longCodes }) => {
      const { code } = random.pick(longCodes)
      const cut = code.subarray(0, random.below(code.length))
      return decompressing(random, random.below(2) === 0 ? cut : damaged(code, random))
    },
  ],
  [
    'long code of random bits',
    5,
    (random, { longCodes }) => decompressing(random, randomLongCode(random, random.pick(longCodes))),
  ],
  [
    'image to a long code',
    2,
    (random, originals) => {
      const { type, bytes } =
        random.below(2) === 0 ? random.pick(originals.images) : damagedImage(random, originals)
      const bound = random.pick([
        'maxBytes=37',
        'maxBytes=63',
        'maxBytes=900',
        'maxBytes=9e9',
        'targetPsnr=28',
      ])
      return post(`/compress?${bound}${random.pick(['', '&model=grid', '&latent=1'])}`, type, bytes)
    },
  ],
  [
    'broken JSON',
    10,
    (random, originals) =>
      post(random.pick(['/compress', '/decompress']), 'application/json', brokenJson(random, originals)),
  ],
  ['damaged form', 8, damagedForm],
  [
    'odd query',
    4,
    (random, { codes }) => {
      const value = random.pick([
        '-1',
        '0',
        '1e9',
        'NaN',
        '999999999',
        '',
        '%00',
        '../..',
        '1'.repeat(3000),
        '%ff',
        '2.5',
      ])
      const { samples, code } = random.pick(codes)
      const name = random.pick(['model', 'maxBytes', 'targetPsnr', 'width', 'size', 'other'])
      if (name === 'width' || name === 'size')
        return post(`/decompress?${name}=${value}`, 'application/vnd.latent64', code)
      return post(`/compress?${name}=${value}`, 'application/octet-stream', samples)
    },
  ],
  [
    'odd path or method',
    4,
    (random) => {
      const path = random.pick([
        '/',
        '/compress',
        '/decompress',
        '/preview/',
        '/preview/%',
        '/models/x',
        '/static/../x',
        '//',
        '/openapi.json',
      ])
      const method = random.pick(['GET', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'PROPFIND'])
      return { method, path, headers: {}, body: new Uint8Array(0) }
    },
  ],
  [
    'odd headers',
    4,
    (random, { codes }) => {
      const { samples } = random.pick(codes)
      const accept = random.pick([
        'text/html',
        ';;;',
        'application/json;q=2',
        '*/*;q=0',
        'a/b,'.repeat(900),
        'image/png',
      ])
      const request = post('/compress', 'application/octet-stream', samples, accept)
      const extra = random.pick([
        'content-encoding',
        'authorization',
        'if-none-match',
        'origin',
        'x-request-id',
        'range',
      ])
      const value = random.pick(['gzip', 'Bearer x', '*', '\u00ff\u00fe', 'y'.repeat(5000), 'bytes=0-'])
      return { ...request, headers: { ...request.headers, [extra]: value } }
    },
  ],
]

const TOTAL = KINDS.reduce((sum, [, weight]) => sum + weight, 0)

export function hostileRequest(random: Random, originals: Originals): HostileRequest {
  const [kind, make] = pickKind(random)
  const chance = random.next()
  const delivery = chance < 0.7 ? 'whole' : chance < 0.9 ? 'chunked' : chance < 0.97 ? 'aborted' : 'slow'
  return { kind, delivery, ...make(random, originals) }
}

function pickKind(random: Random): [kind: string, make: Make] {
  let left = random.next() * TOTAL
  for (const [kind, weight, make] of KINDS) {
    left -= weight
    if (left < 0) return [kind, make]
  }
  return [KINDS[0][0], KINDS[0][2]]
}
