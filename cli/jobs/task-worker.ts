/** A worker thread of `latent64 compress` and `latent64 decompress`. */
import { serveTasks } from '../../node/pool.ts'
import { startTask } from './start-task.ts'

await serveTasks(startTask)
