/** How a run is reported: a line for each file that failed, a line at the end, and an exit status. */
import { PIPE } from '../../node/list-files.ts'
import { count, secondsSince } from '../../node/terminal/format.ts'

const SOME_FAILED = 1
export const WRONG_USAGE = 2
export const NOTHING_TO_DO = 3

export interface Tally<Done> {
  done: Done[]
  /** Why, for each file that failed. */
  failed: string[]
  /** Files in folders that hold no code. */
  skipped: string[]
}

export function report(input: string, reason: string): void {
  process.stderr.write(
    `latent64: ${input === PIPE ? 'standard input' : printable(input)}: ${printable(reason)}\n`,
  )
  process.exitCode = SOME_FAILED
}

/** Names may hold line breaks, and sequences that terminals obey. */
const printable = (text: string) =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  text.replace(/[\0-\x1f\x7f-\x9f]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)

/** `what` describes what was done in one line; `done` is the verb's participle. */
export function summarize<Done>(
  { done, failed, skipped }: Tally<Done>,
  verb: 'compressed' | 'decompressed',
  startedMs: number,
  what: (done: Done[]) => string,
): void {
  const heic = failed.filter((reason) => reason.startsWith('HEIC')).length
  const parts = [
    failed.length > 0 &&
      `${failed.length} failed${heic > 0 ? `, of them ${heic} HEIC: convert these to JPEG` : ''}`,
    skipped.length > 0 &&
      `${count(skipped.length, 'file')} held no code and ${skipped.length === 1 ? 'was' : 'were'} skipped`,
  ]
  const nothing = failed.length > 0 ? `none was ${verb}` : `nothing was ${verb}`
  const first = done.length > 0 ? what(done) : nothing
  console.error([`${first}, ${secondsSince(startedMs)}`, ...parts.filter(Boolean)].join('; '))
  if (done.length === 0 && failed.length === 0) process.exitCode = NOTHING_TO_DO
}
