/**
 * GET /health: each model compresses the built-in picture and must produce exactly the code and samples that Node
 * produced when the assets were built (scripts/build-goldens.ts). If it does not, codes made elsewhere would not decode
 * here.
 */
import type { Context } from 'hono'
import { compress, decompress } from '../../shared/codec/codec.ts'
import { fromBase64Url, toBase64Url } from '../../shared/codec/container/base64url.ts'
import { openGrid } from '../../shared/grid/grid-code.ts'
import { compressLong } from '../../shared/grid/long-code.ts'
import type { Manifest } from '../../shared/manifest.ts'
import { Problem } from '../http/problem.ts'
import { withModels } from '../models/isolate.ts'
import { fetchAsset, type Models } from '../models/models.ts'
import type { HealthResponse, ModelHealth } from '../schemas.ts'
import type { ServiceEnv } from '../service-env.ts'
import { type Goldens, gridGoldenKey, HEALTH_PICTURE, healthImage } from './health-golden.ts'

export const GOLDENS = '/static/models/goldens.json'

let goldens: Goldens | undefined

export async function healthRoute(c: Context<ServiceEnv, '/health'>) {
  goldens ??= (await (await fetchAsset(c.env.ASSETS, GOLDENS)).json()) as Goldens
  const checked = await withModels(c.env, async (models) => {
    const each: ModelHealth[] = []
    for (const manifest of models.manifests)
      each.push(await checkModel(models, manifest, goldens![manifest.id]))
    for (const { number, name } of await models.grids.manifests()) {
      const id = gridGoldenKey(number)
      each.push({ name, id, ...(await checkGrid(models, number, goldens![id])) })
    }
    return each
  })
  if (checked.length === 0) throw new Problem('unhealthy', 'no model is deployed with this service')
  const failing = checked.filter(({ ok }) => !ok).map(({ name, detail }) => `${name}: ${detail}`)
  if (failing.length > 0) throw new Problem('unhealthy', failing.join('; '), { models: checked })
  const response: HealthResponse = { status: 'ok', models: checked }
  return c.json(response, 200, { 'cache-control': 'no-store' })
}

async function checkModel(
  models: Models,
  manifest: Manifest,
  golden: Goldens[string] | undefined,
): Promise<ModelHealth> {
  const { name, id, input } = manifest
  if (golden === undefined) return { name, id, ...NO_GOLDEN }
  const model = await models.load(manifest)
  const { code } = compress(model, healthImage(input))
  const wrong = compare('compress', code, golden.code)
  if (wrong) return { name, id, ...wrong }
  const { samples } = decompress(models, code)
  return { name, id, ...(compare('decompress', samples, golden.samples) ?? { ok: true }) }
}

/** The same for codes beyond a preview. */
async function checkGrid(
  models: Models,
  number: number,
  golden: Goldens[string] | undefined,
): Promise<Pick<ModelHealth, 'ok' | 'detail'>> {
  if (golden === undefined) return NO_GOLDEN
  const bytes = fromBase64Url(golden.code)
  const { manifest } = await models.forCode(openGrid(bytes).previewCode)
  const preview = await models.loadComplete(manifest)
  const grid = await models.grids.numbered(number)
  const { code, decoded } = compressLong(grid, preview, HEALTH_PICTURE, { maxBytes: bytes.length })
  return (
    compare('compress', code, golden.code) ??
    compare('decompress', decoded.picture.samples, golden.samples) ?? { ok: true }
  )
}

const NO_GOLDEN = { ok: false, detail: 'there is no golden code for it: run the build' }

function compare(what: 'compress' | 'decompress', bytes: Uint8Array, golden: string) {
  const text = toBase64Url(bytes)
  if (text === golden) return undefined
  const detail =
    what === 'compress'
      ? `compress gives ${text}, golden ${golden}`
      : 'decompress does not return the golden samples'
  return { ok: false, detail }
}
