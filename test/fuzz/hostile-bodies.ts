/** The more elaborate bodies of hostile requests. */
import { toBase64Url } from '../../shared/codec/container/base64url.ts'
import { damaged, withGoodChecksums } from './damage.ts'
import type { HostileRequest } from './hostile-request.ts'
import type { ImageFile, Originals } from './originals.ts'
import type { Random } from './random.ts'

export type Unsent = Omit<HostileRequest, 'kind' | 'delivery'>

export const post = (path: string, type: string, body: Uint8Array | string, accept = '*/*'): Unsent => ({
  method: 'POST',
  path,
  headers: { 'content-type': type, accept },
  body: typeof body === 'string' ? Buffer.from(body) : body,
})

export const get = (path: string): Unsent => ({ method: 'GET', path, headers: {}, body: new Uint8Array(0) })

export function decompressing(random: Random, code: Uint8Array): Unsent {
  const query = random.pick(['', '?size=original', '?width=300'])
  return random.below(2) === 0 && code.length < 5000
    ? get(`/preview/${toBase64Url(code)}${query}`)
    : post(`/decompress${query}`, 'application/vnd.latent64', code)
}

export function damagedImage(random: Random, { images }: Originals): ImageFile {
  const { type, bytes } = random.pick(images)
  const made = damaged(bytes, random)
  return { type, bytes: type === 'image/png' && random.below(4) > 0 ? withGoodChecksums(made) : made }
}

const deepJson = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)

export function brokenJson(random: Random, { codes }: Originals): string {
  const { model, samples, code } = random.pick(codes)
  const latent = Array.from({ length: model.manifest.latent }, () =>
    random.pick([0, 1e308, -5, 1e-320, 70000]),
  )
  const good = random.pick([
    JSON.stringify({ pixels: [...samples] }),
    JSON.stringify({ code: toBase64Url(code) }),
    JSON.stringify({ latent, model: model.manifest.name }),
  ])
  const wrongValue = random.pick([null, true, -1, 256, 0.5, '7', {}, [], [[]], 4e300])
  return random.pick([
    () => deepJson(5000),
    () => `{"pixels":${deepJson(random.pick([5000, 100_000]))}}`,
    () => `{"latent":${deepJson(5000)},"model":"mnist"}`,
    () => good.slice(0, random.below(good.length)),
    () => Buffer.from(damaged(Buffer.from(good), random)).toString('latin1'),
    () => JSON.stringify({ pixels: wrongValue, code: wrongValue, latent: wrongValue, model: wrongValue }),
    () => JSON.stringify({ pixels: [...samples.slice(1), wrongValue] }),
    () => JSON.stringify({ latent: [...latent.slice(1), wrongValue], model: model.manifest.name }),
    () => `{"__proto__":{"pixels":[1]},"constructor":1,"code":"${'A'.repeat(random.below(9000))}"}`,
    () => `{"latent":[${'1e999,'.repeat(63)}1],"model":"mnist"}`,
    () => random.pick(['', 'null', '[]', '"', '{"a":'.repeat(4000), '\ud800', '1e1000000']),
  ])()
}

export function damagedForm(random: Random, originals: Originals) {
  const boundary = random.pick(['b', 'x'.repeat(70), '----WebKitFormBoundary'])
  const isDecompress = random.below(2) === 0
  const parts: Buffer[] = []
  for (let count = random.below(random.pick([3, 3, 3, 4, 4, 4, 4, 90])); count > 0; count--) {
    const name = isDecompress
      ? random.pick(['code', 'original', ''])
      : random.pick(['image', 'image', 'picture'])
    const image = random.below(2) === 0 ? random.pick(originals.images) : damagedImage(random, originals)
    const content = name === 'code' ? random.pick(originals.codes).code : image.bytes
    const type = random.pick([image.type, 'application/octet-stream', 'text/plain', ''])
    const file = random.below(8) === 0 ? '' : '; filename="a\\"b.png"'
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file}\r\nContent-Type: ${type}\r\n\r\n`
    parts.push(Buffer.from(head), Buffer.from(content), Buffer.from('\r\n'))
  }
  const body = Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)])
  const said = random.below(10) === 0 ? 'another' : boundary
  const path = isDecompress ? '/decompress' : '/compress'
  return post(
    path,
    `multipart/form-data; boundary=${said}`,
    random.below(2) === 0 ? body : damaged(body, random),
  )
}
