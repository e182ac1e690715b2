/** A worker thread of `latent64 compress` and `latent64 decompress`. */
import { serveTasks } from '../../node/pool.ts'
import { startTask } from './start-task.ts'
import { JOBS_AT_ONCE } from './task.ts'

serveTasks(startTask, { atOnce: JOBS_AT_ONCE })
