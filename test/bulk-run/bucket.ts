/** The bucket's contents over time, and the events of the changes. */
import type { Random } from '../fuzz/random.ts'
import { makeKey, makeObject, type TestObject } from './objects.ts'

export interface Change {
  key: string
  /** Undefined: the object is deleted. */
  object: TestObject | undefined
}

interface Plan {
  /** In order for each key. Half of them are made while the queue is delivering. */
  changes: Change[]
  /** The final contents. */
  objects: Map<string, TestObject>
}

/** One in ten objects is overwritten, one in thirty deleted, one in thirty deleted and made again. */
export async function planBucket(
  random: Random,
  count: number,
  onObject: (done: number) => void,
): Promise<Plan> {
  const changes: Change[] = []
  const later: Change[] = []
  const objects = new Map<string, TestObject>()
  for (let i = 0; i < count; i++) {
    const key = makeKey(random, i)
    const object = await makeObject(random)
    changes.push({ key, object })
    objects.set(key, object)
    onObject(i + 1)
    const dice = random.next()
    if (dice >= 1 / 6) continue
    if (dice >= 1 / 10) {
      later.push({ key, object: undefined })
      objects.delete(key)
      if (dice >= 2 / 15) continue
    }
    const next = await makeObject(random)
    later.push({ key, object: next })
    objects.set(key, next)
  }
  return { changes: [...changes, ...later], objects }
}
