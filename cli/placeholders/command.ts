import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { Command, InvalidArgumentError } from 'commander'
import { writeStandardOutput, writeWhole } from '../../node/atomic-write.ts'
import { isImageExtension } from '../../node/image-type.ts'
import { isFolder, listFiles, PIPE } from '../../node/list-files.ts'
import { count, secondsSince } from '../../node/terminal/format.ts'
import { positiveNumber } from '../../node/terminal/options.ts'
import { NOTHING_TO_DO, report } from '../jobs/summary.ts'
import { type Placeholders, type Update, updatePlaceholders } from './update.ts'
import { watchFolder } from './watch.ts'

interface PlaceholdersFlags {
  json: string
  maxBytes?: number
  model?: string
  jobs?: number
  watch?: boolean
}

export const placeholdersCommand = new Command('placeholders')
  .description(
    'Write a JSON file of a folder’s photographs: the code, width, height and average colour of each, and a data URL of at most 300 characters. Photographs that have not changed since the last run are not computed again.',
  )
  .argument('<folder>', 'searched recursively')
  .requiredOption('--json <path>', 'the file to write, or - for standard output', jsonPath)
  .option('--max-bytes <n>', 'no code longer than this', positiveNumber)
  .option('--model <name|dir>', 'default: preview')
  .option('--jobs <n>', 'worker threads (default: one per core)', positiveNumber)
  .option('--watch', 'keep running, and write the file again whenever a photograph changes')
  .action(writePlaceholders)

function jsonPath(path: string): string {
  if (path === PIPE || path.endsWith('.json')) return path
  throw new InvalidArgumentError('expected a name that ends in .json, or -')
}

async function writePlaceholders(folder: string, flags: PlaceholdersFlags): Promise<void> {
  if (!(await isFolder(folder))) throw new Error(`${folder} is not a folder`)
  let placeholders = await readPlaceholders(flags.json)
  const run = async () => {
    placeholders = await update(folder, placeholders, flags)
  }
  await run()
  if (!flags.watch) return
  console.error(`watching ${folder}; Ctrl-C to stop`)
  await watchFolder(folder, isImageExtension, run)
}

async function update(folder: string, before: Placeholders, flags: PlaceholdersFlags): Promise<Placeholders> {
  const startedMs = performance.now()
  const files = await listFiles(folder, isImageExtension)
  const done = await updatePlaceholders(files, before, flags)
  for (const { input, reason } of done.failed) report(input, reason)
  const text = `${JSON.stringify(done.placeholders, null, 1)}\n`
  const isSame = text === `${JSON.stringify(before, null, 1)}\n` && existsSync(flags.json)
  if (flags.json === PIPE) await writeStandardOutput(text)
  else if (!isSame) await writeWhole(flags.json, text)
  console.error(`${describe(done)}, ${secondsSince(startedMs)}`)
  if (files.length === 0 && !flags.watch) process.exitCode = NOTHING_TO_DO
  return done.placeholders
}

function describe({ placeholders, computed, kept, failed }: Update): string {
  const all = Object.values(placeholders)
  const bytes = all.reduce((sum, { code }) => sum + (code.length * 3) / 4, 0)
  const mean = all.length === 0 ? '' : `, ${(bytes / all.length).toFixed(1)} bytes per code`
  const failures = failed.length > 0 ? `; ${failed.length} failed` : ''
  return `${count(all.length, 'placeholder')}: ${computed} computed, ${kept} kept${mean}${failures}`
}

/** What an earlier run wrote; nothing if there is no such file. Throws if it holds something else. */
async function readPlaceholders(path: string): Promise<Placeholders> {
  if (path === PIPE || !existsSync(path)) return {}
  const text = await readFile(path, 'utf8')
  try {
    const found = JSON.parse(text) as Placeholders
    if (Object.values(found).every(({ hash, code }) => typeof hash === 'string' && typeof code === 'string'))
      return found
  } catch {} // reported below
  throw new Error(`${path} was not written by this command: delete it, or name another file`)
}
