/** The service's routes, and what every request passes on its way to one. */
import { Hono } from 'hono'
import { imageRoute, imagesRoute } from './bulk/images/routes.ts'
import { onError } from './http/on-error.ts'
import { apiKeys, keysNeeded } from './middleware/api-keys.ts'
import { everyRequest } from './middleware/every-request.ts'
import { rateLimit } from './middleware/rate-limit.ts'
import { compressRoute } from './routes/compress.ts'
import { decompressRoute } from './routes/decompress.ts'
import { healthRoute } from './routes/health.ts'
import { modelListRoute, modelRoute } from './routes/model-routes.ts'
import { previewRoute } from './routes/preview.ts'
import { unmatched } from './routes/unmatched.ts'
import type { ServiceEnv } from './service-env.ts'

/** Not for the page, /preview, /health and the docs, which are public. */
const clientsOnly = [apiKeys, rateLimit] as const

export const app = new Hono<ServiceEnv>()
  .use(everyRequest)
  .use('/compress', ...clientsOnly)
  .use('/decompress', ...clientsOnly)
  .use('/models/*', ...clientsOnly)
  .post('/compress', compressRoute)
  .post('/decompress', decompressRoute)
  .get('/models', modelListRoute)
  .get('/models/:id', modelRoute)
  .get('/preview/:code', previewRoute)
  .get('/images', keysNeeded, ...clientsOnly, imagesRoute)
  .get('/images/:key{[^]+}', keysNeeded, ...clientsOnly, imageRoute)
  .get('/health', healthRoute)

// Where only everyRequest matches, Hono would bring an error past it: caught here, it gets the headers like any other.
app.notFound((c) => unmatched(c).catch((error) => onError(error, c)))
app.onError(onError)
