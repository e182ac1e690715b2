/**
 * The service with three more routes for comparison. Never deployed; scripts/workerd.ts bundles it.
 *
 *     /echo       the body, behind the same middleware and body limits as /compress
 *     /echo/bare  the body, through Hono alone
 *     /noop       the cost of workerd itself
 */
import { Hono } from 'hono'
import { app } from '../../edge/app.ts'
import { readBody } from '../../edge/http/body.ts'
import { RAW_TYPE } from '../../edge/http/media-type.ts'
import { dataResponse } from '../../edge/http/response.ts'
import { apiKeys } from '../../edge/middleware/api-keys.ts'
import { rateLimit } from '../../edge/middleware/rate-limit.ts'
import type { Bindings } from '../../edge/settings.ts'

const headers = { 'content-type': 'application/octet-stream' }

// Added to the app itself: with Hono's route() each middleware would be wrapped once more and cost more than when
// deployed.
const service = app
  .use('/echo', apiKeys, rateLimit)
  .post('/echo', async (c) => dataResponse((await readBody(c)).bytes, RAW_TYPE))

const bare = new Hono().post('/echo/bare', async (c) => new Response(await c.req.arrayBuffer(), { headers }))

export default {
  fetch(request: Request, env: Bindings, context: ExecutionContext): Response | Promise<Response> {
    if (request.url.endsWith('/echo/bare')) return bare.fetch(request)
    if (request.url.endsWith('/noop')) return new Response('ok')
    return service.fetch(request, env, context)
  },
}
