/** A worker thread of `latent64 placeholders`. */

import { isMainThread } from 'node:worker_threads'
import { readBytes } from '../../node/atomic-write.ts'
import { serveTasks } from '../../node/pool.ts'
import { type PlaceholderOptions, type PlaceholderResult, placeholderOf } from './placeholder.ts'

export async function placeholderOfFile(
  path: string,
  options: PlaceholderOptions,
): Promise<PlaceholderResult> {
  try {
    return { done: await placeholderOf(await readBytes(path), options) }
  } catch (error) {
    return { failed: (error as Error).message }
  }
}

if (!isMainThread)
  serveTasks(async (options: PlaceholderOptions) => (path: string) => placeholderOfFile(path, options))
