import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { app } from '../../edge/app.ts'
import { GOLDENS } from '../../edge/routes/health.ts'
import type { Goldens } from '../../edge/routes/health-golden.ts'
import type { Bindings } from '../../edge/settings.ts'
import { expectProblem } from './call.ts'

const bindings = env as unknown as Bindings

/** The assets with one golden code altered. An isolate keeps the goldens it read: alone in its file. */
async function alteredGoldens(): Promise<Response> {
  const goldens = (await (await bindings.ASSETS.fetch(`https://assets.invalid${GOLDENS}`)).json()) as Goldens
  const id = Object.keys(goldens)[0]
  return Response.json({ ...goldens, [id]: { ...goldens[id], code: 'AAAA' } })
}

test('/health is a 503 that names the model which does not reproduce its golden code', async () => {
  const fetch = (url: string) => (url.endsWith(GOLDENS) ? alteredGoldens() : bindings.ASSETS.fetch(url))
  const altered = { ...bindings, ASSETS: { fetch } as unknown as Fetcher }
  const request = new Request('https://latent64.test/health')
  const response = await app.fetch(request, altered, createExecutionContext())
  expect(await expectProblem(response, 503, 'unhealthy')).toMatch(/^\w+: compress gives [\w-]+, golden AAAA$/)
})
