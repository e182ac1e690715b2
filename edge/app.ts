/** The service's routes, and the middleware before them. */
import { Hono } from 'hono'
import { imageRoute, imagesRoute } from './bulk/images/routes.ts'
import { onError } from './http/on-error.ts'
import { apiKeys, keysNeeded, optionalKey } from './middleware/api-keys.ts'
import { everyRequest } from './middleware/every-request.ts'
import { rateLimit } from './middleware/rate-limit.ts'
import { assetRoute, PAGE_PATHS } from './routes/assets.ts'
import { compressRoute } from './routes/compress.ts'
import { decompressRoute } from './routes/decompress.ts'
import { healthRoute } from './routes/health.ts'
import { modelListRoute, modelRoute } from './routes/model-routes.ts'
import { previewRoute } from './routes/preview.ts'
import { unmatched } from './routes/unmatched.ts'
import type { ServiceEnv } from './service-env.ts'

export const app = new Hono<ServiceEnv>()

app
  .use(everyRequest)
  // These need a key; the page, /preview, /health and the docs are public.
  .use('/compress', apiKeys)
  .use('/decompress', apiKeys)
  .use('/models/*', apiKeys)
  .use('/images/*', keysNeeded, apiKeys)
  .use('/preview/*', optionalKey)
  .use(rateLimit)
  .post('/compress', compressRoute)
  .post('/decompress', decompressRoute)
  .get('/models', modelListRoute)
  .get('/models/:id', modelRoute)
  .get('/preview/:code', previewRoute)
  .get('/images', imagesRoute)
  .get('/images/:key{[^]+}', imageRoute)
  .get('/health', healthRoute)
  .on('GET', [...PAGE_PATHS, '/static/*'], assetRoute)

app.notFound((c) => unmatched(app, c))
app.onError(onError)
