/**
 * Routes beside the service's, for measurements and tests under `wrangler dev`: they put objects into the bucket, pass
 * messages to the consumer, and query D1.
 */
import type { Bindings } from '../../edge/settings.ts'
import service from '../../edge/worker.ts'
import type { Delivered, Delivery } from './delivery.ts'

export interface SideDoorBindings extends Bindings {
  PHOTOS: R2Bucket
}

/** `forConsumer`: the bindings that the consumer gets. */
export async function sideDoor<Env extends SideDoorBindings>(
  request: Request,
  env: Env,
  forConsumer: (env: Env) => SideDoorBindings = (same) => same,
): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url)
  const key = searchParams.get('key')!
  if (pathname === '/ready') return new Response('ready')
  if (pathname === '/object') {
    if (request.method === 'DELETE') await env.PHOTOS.delete(key)
    else await env.PHOTOS.put(key, await request.arrayBuffer())
    return new Response('done')
  }
  if (pathname === '/deliver') return Response.json(await deliver(await request.json(), forConsumer(env)))
  if (pathname === '/backfill') {
    await env.BACKFILL!.create({ id: searchParams.get('id')!, params: await request.json() })
    return new Response('started')
  }
  if (pathname === '/wake') {
    const instance = await env.BACKFILL!.get(searchParams.get('id')!)
    await instance.pause()
    await instance.resume()
    return new Response('awake')
  }
  return Response.json((await env.DB!.prepare(await request.text()).all()).results)
}

async function deliver(deliveries: Delivery[], env: SideDoorBindings): Promise<Delivered> {
  const delivered: Delivered = { acked: [], retried: [], codecMs: 0 }
  const METRICS: AnalyticsEngineDataset = {
    writeDataPoint: (point) => {
      delivered.codecMs += point!.doubles![2]
    },
  }
  const messages = deliveries.map((each) => ({
    ...{ ...each, timestamp: new Date() },
    ack: () => delivered.acked.push(each.id),
    retry: () => delivered.retried.push(each.id),
  }))
  const batch = { queue: 'latent64-images', messages, metadata: { metrics: { backlogCount: 0 } } }
  await service.queue(batch as unknown as MessageBatch<unknown>, { ...env, METRICS })
  return delivered
}
