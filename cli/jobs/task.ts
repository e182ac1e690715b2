/** What a run does to each file, as passed to the worker threads. */
import type { Compression, CompressSetup } from '../compress-task.ts'
import type { Decompression, DecompressSetup } from '../decompress-task.ts'

export type TaskSetup =
  | { task: 'compress'; setup: CompressSetup }
  | { task: 'decompress'; setup: DecompressSetup }

export type TaskDone = Compression | Decompression

/** `skipped`: a file in a folder that turns out to hold no code. */
export type TaskResult<Done = TaskDone> = { done: Done } | { failed: string } | { skipped: string }

/** In one thread: some are read and written while another is computed. A worker is sent no more ahead of time. */
export const JOBS_AT_ONCE = 3
