import { closeSync, fsync, lstatSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { readFile, realpath, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

/**
 * Writes a file whole or not at all: into a temporary file beside it, flushed, then renamed over the name.
 * A reader never sees half a file, and an interrupted run leaves the old file, if there was one, as it was.
 * A link stays a link, and its target is written. A device or a FIFO is written to directly. Only the flush is waited for
 * off this thread: promises for the other calls would take twice their CPU, and small files are written at once anyway.
 *
 * `canBeMadeAgain`: a new file is not flushed, so a power cut in the next seconds may leave it empty. A file that was
 * there before is replaced as any other.
 */
export async function writeWhole(
  path: string,
  bytes: Uint8Array | string,
  { canBeMadeAgain = false } = {},
): Promise<void> {
  const link = lstatSync(path, { throwIfNoEntry: false })
  if (!link) return replaceWhole(path, bytes, !canBeMadeAgain)
  if (link.isFile()) return replaceWhole(path, bytes)
  const there = await stat(path).catch(() => undefined)
  if (there?.isFile()) return replaceWhole(await realpath(path), bytes)
  await writeFile(path, bytes) // a device, a FIFO, a link to a file that does not exist yet; for a folder Node throws
}

/** As JSON on many lines, so that a diff can be read. */
export const writeJson = (
  path: string,
  value: unknown,
  replacer?: (key: string, value: unknown) => unknown,
) => writeWhole(path, `${JSON.stringify(value, replacer, 2)}\n`)

async function replaceWhole(path: string, bytes: Uint8Array | string, isFlushed = true): Promise<void> {
  const folder = dirname(path)
  const temporary = join(folder, `.latent64-${Math.random().toString(36).slice(2)}.tmp`) // short: names have a limit
  const file = openNew(temporary, folder)
  try {
    try {
      writeFileSync(file, bytes)
      if (isFlushed) await flush(file)
    } finally {
      closeSync(file)
    }
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

/** Makes the folder only if it is missing: that takes as long as writing a small file. */
function openNew(path: string, folder: string): number {
  try {
    return openSync(path, 'wx')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    mkdirSync(folder, { recursive: true })
    return openSync(path, 'wx')
  }
}

const flush = promisify(fsync)

/** Standard output, whole: resolves once the bytes are handed over. A reader that left early (EPIPE) is not an error. */
export function writeStandardOutput(bytes: Uint8Array | string): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error | null) =>
      error && (error as NodeJS.ErrnoException).code !== 'EPIPE' ? reject(error) : resolve()
    process.stdout.once('error', settle)
    process.stdout.write(bytes, settle)
  })
}

/** A file's bytes: readFile's own, not copied. They are no Buffer, whose slices would share them. */
export async function readBytes(file: string | URL): Promise<Uint8Array<ArrayBuffer>> {
  const { buffer, byteOffset, length } = await readFile(file)
  return new Uint8Array(buffer, byteOffset, length)
}

export async function readStandardInput(): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  return new Uint8Array(Buffer.concat(chunks))
}
