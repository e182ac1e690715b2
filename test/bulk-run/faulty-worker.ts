/**
 * The service of edge/worker.ts on a D1 and an R2 that fail now and then, as a seed decides, and with a side door: what
 * run.ts puts into the bucket, delivers to the consumer and asks of D1.
 */
import type { Bindings } from '../../edge/settings.ts'
import service, { Backfill } from '../../edge/worker.ts'
import { Random } from '../fuzz/random.ts'
import type { Delivered, Delivery } from './delivery.ts'

export { Backfill }

interface FaultyBindings extends Bindings {
  PHOTOS: R2Bucket
  SEED: number
  /** Of calls that fail, as a share. */
  FAULTS: number
}

export default {
  async fetch(request: Request, env: FaultyBindings): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url)
    const key = searchParams.get('key')!
    if (pathname === '/ready') return new Response('ready')
    if (pathname === '/object') {
      if (request.method === 'DELETE') await env.PHOTOS.delete(key)
      else await env.PHOTOS.put(key, await request.arrayBuffer())
      return new Response('done')
    }
    if (pathname === '/deliver') return Response.json(await deliver(await request.json(), env))
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
  },
}

let random: Random | undefined

async function deliver(deliveries: Delivery[], env: FaultyBindings): Promise<Delivered> {
  random ??= new Random(env.SEED)
  const delivered: Delivered = { acked: [], retried: [], codecMs: 0 }
  const METRICS = {
    writeDataPoint: ({ doubles }: AnalyticsEngineDataPoint) => {
      delivered.codecMs += doubles![2]!
    },
  }
  const faulty = { ...env, METRICS, DB: faultyDatabase(env), PHOTOS: faultyBucket(env) }
  const messages = deliveries.map((each) => ({
    ...{ ...each, timestamp: new Date() },
    ack: () => delivered.acked.push(each.id),
    retry: () => delivered.retried.push(each.id),
  }))
  const batch = { queue: 'latent64-images', messages, metadata: { metrics: { backlogCount: 0 } } }
  await service.queue(batch as unknown as MessageBatch<unknown>, faulty as unknown as Bindings)
  return delivered
}

/** Half of the failures come after the call has done its work. */
async function maybe<T>({ FAULTS }: FaultyBindings, call: () => Promise<T>, message: string): Promise<T> {
  const dice = random!.next()
  if (dice < FAULTS / 2) throw new Error(message)
  const result = await call()
  if (dice < FAULTS) throw new Error(message)
  return result
}

const D1_MESSAGE = 'D1_ERROR: Network connection lost.'

function faultyDatabase(env: FaultyBindings): D1Database {
  const db = env.DB!
  const bare = new WeakMap<D1PreparedStatement, D1PreparedStatement>()
  const wrap = (statement: D1PreparedStatement): D1PreparedStatement => {
    const wrapped = {
      bind: (...values: unknown[]) => wrap(statement.bind(...values)),
      all: () => maybe(env, () => statement.all(), D1_MESSAGE),
      run: () => maybe(env, () => statement.run(), D1_MESSAGE),
    } as unknown as D1PreparedStatement
    bare.set(wrapped, statement)
    return wrapped
  }
  const batch = (statements: D1PreparedStatement[]) => {
    const own = statements.map((statement) => bare.get(statement)!)
    return maybe(env, () => db.batch(own), D1_MESSAGE)
  }
  return { prepare: (query: string) => wrap(db.prepare(query)), batch } as unknown as D1Database
}

function faultyBucket(env: FaultyBindings): R2Bucket {
  const { PHOTOS } = env
  const message = 'We encountered an internal error. Please try again. (10001)'
  return {
    get: (key: string, options: R2GetOptions) =>
      maybe(env, () => PHOTOS.get(key, options), `get: ${message}`),
    head: (key: string) => maybe(env, () => PHOTOS.head(key), `head: ${message}`),
  } as unknown as R2Bucket
}
