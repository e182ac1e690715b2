/** The service's consumer on a D1 and an R2 that fail from time to time, as decided by a seed. */
import { type SideDoorBindings, sideDoor } from '../../bench/bulk/side-door.ts'
import { Backfill } from '../../edge/worker.ts'
import { Random } from '../fuzz/random.ts'

export { Backfill }

interface FaultyBindings extends SideDoorBindings {
  SEED: number
  /** The share of calls that fail. */
  FAULTS: number
}

let random: Random | undefined

export default {
  fetch: (request: Request, env: FaultyBindings) => {
    random ??= new Random(env.SEED)
    return sideDoor(request, env, () => ({ ...env, DB: faultyDatabase(env), PHOTOS: faultyBucket(env) }))
  },
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
