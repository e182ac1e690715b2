/** GET /models and /models/:id. */

import type { Context } from 'hono'
import type { Manifest } from '../../shared/manifest.ts'
import { withModels } from '../models/isolate.ts'
import type { ModelList, ModelSummary } from '../schemas.ts'
import type { ServiceEnv } from '../service-env.ts'

const CACHE = { 'cache-control': 'public, max-age=60' }

export async function modelListRoute(c: Context<ServiceEnv, '/models'>) {
  const list = await withModels(c.env, async (models): Promise<ModelList> => {
    const all = models.manifests.map(summarize)
    const grids = await models.grids.manifests()
    const longCodes = grids.map(({ name, number, created }) => ({ name, number, created }))
    return { models: all, default: all.length === 0 ? '' : models.default.name, longCodes }
  })
  return c.json(list, 200, CACHE)
}

export async function modelRoute(c: Context<ServiceEnv, '/models/:id'>) {
  const manifest = await withModels(c.env, (models) => models.named(c.req.param('id')))
  return c.json(summarize(manifest), 200, CACHE)
}

function summarize({ name, id, created, input, latent, defaultLevel, levels }: Manifest): ModelSummary {
  const figures = levels.map(({ meanBytes, psnrDb }) => ({ meanBytes, psnrDb }))
  return { name, id, created, input, latent, defaultLevel, levels: figures }
}
