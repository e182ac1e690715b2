/**
 * GET /health: each model compresses the built-in picture and must get exactly the code and samples that Node got when
 * the assets were built (scripts/build-goldens.ts). Otherwise codes made elsewhere would not decode here.
 */
import type { Context } from 'hono'
import { compress, decompress } from '../../shared/codec/codec.ts'
import { fromBase64Url, toBase64Url } from '../../shared/codec/container/base64url.ts'
import type { Manifest } from '../../shared/manifest.ts'
import { Problem } from '../http/problem.ts'
import { withModels } from '../models/isolate.ts'
import { fetchAsset, type Models } from '../models/models.ts'
import type { HealthResponse, ModelHealth } from '../schemas.ts'
import type { ServiceEnv } from '../service-env.ts'
import { type Goldens, healthImage } from './health-golden.ts'

export const GOLDENS = '/static/models/goldens.json'

let goldens: Goldens | undefined

export async function healthRoute(c: Context<ServiceEnv, '/health'>) {
  goldens ??= (await (await fetchAsset(c.env.ASSETS, GOLDENS)).json()) as Goldens
  const checked = await withModels(c.env, async (models) => {
    const each: ModelHealth[] = []
    for (const manifest of models.manifests)
      each.push(await checkModel(models, manifest, goldens![manifest.id]))
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
  if (golden === undefined)
    return { name, id, ok: false, detail: 'there is no golden code for it: run the build' }
  const model = await models.load(manifest)
  const { code } = compress(model, healthImage(input))
  const text = toBase64Url(code)
  if (text !== golden.code)
    return { name, id, ok: false, detail: `compress gives ${text}, golden ${golden.code}` }
  const samples = toBase64Url(decompress(models, fromBase64Url(text)).samples)
  const ok = samples === golden.samples
  return ok
    ? { name, id, ok }
    : { name, id, ok, detail: 'decompress gives other samples than the golden ones' }
}
