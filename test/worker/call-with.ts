import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { app } from '../../edge/app.ts'
import type { Bindings } from '../../edge/settings.ts'

/** The service with other bindings than wrangler.toml's; its response is read to the end. */
export async function callWith(
  bindings: Partial<Bindings>,
  path: string,
  init: RequestInit = {},
): Promise<Response> {
  const context = createExecutionContext()
  const request = new Request(`https://latent64.test${path}`, init)
  const response = await app.fetch(request, { ...(env as unknown as Bindings), ...bindings }, context)
  const whole = response.body === null ? response : new Response(await response.arrayBuffer(), response)
  await waitOnExecutionContext(context)
  return whole
}
