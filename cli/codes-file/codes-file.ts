/**
 * A file of many codes (NDJSON): one line per image, `{"path", "sha256", "settings", "code", …}` or, for an image that
 * could not be compressed, `{"path", "error"}`. Lines are only ever added, in batches, so a run that is interrupted
 * keeps all earlier batches. A path's last line counts.
 */
import { createReadStream } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { writeWhole } from '../../node/atomic-write.ts'

export const isCodesFile = (path: string) => /\.(ndjson|jsonl)$/i.test(path)

export interface CodeLine {
  /** Relative to the folder that was compressed, with `/` on every system. */
  path: string
  /** The hash of the image file's bytes. */
  sha256?: string
  /** A hash of the options and models it was compressed with. */
  settings?: string
  /** base64url */
  code?: string
  error?: string
}

/** The lines in order. Throws if one is invalid, unless it is the last one and was cut. */
export async function* readCodeLines(path: string): AsyncGenerator<CodeLine> {
  let at = 0
  let bad: number | undefined
  for await (const text of createInterface({
    input: createReadStream(path),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    at++
    if (bad !== undefined) throw new Error(`${path}, line ${bad}: expected {"path": …, "code": …}`)
    const line = parse(text)
    if (line) yield line
    else if (text.trim() !== '') bad = at
  }
}

function parse(text: string): CodeLine | undefined {
  try {
    const line = JSON.parse(text)
    return typeof line?.path === 'string' ? line : undefined
  } catch {
    return undefined
  }
}

const LINES_PER_BATCH = 64
const BATCH_MS = 1000

/** Adds lines to a file, after cutting off an unfinished last line. */
export class CodesFile {
  readonly #file: FileHandle
  #batch: string[] = []
  #writing: Promise<unknown> = Promise.resolve()
  #lastMs = performance.now()

  private constructor(file: FileHandle) {
    this.#file = file
  }

  static async open(path: string): Promise<CodesFile> {
    const { size } = await stat(path).catch(() => ({ size: 0 }))
    const file = await open(path, size > 0 ? 'r+' : 'a+')
    if (size > 0) await file.truncate(await wholeLines(file, size))
    await file.close()
    return new CodesFile(await open(path, 'a'))
  }

  add(line: CodeLine): void {
    this.#batch.push(`${JSON.stringify(line)}\n`)
    if (this.#batch.length >= LINES_PER_BATCH || performance.now() - this.#lastMs > BATCH_MS) this.#flush()
  }

  #flush(): void {
    const text = this.#batch.join('')
    this.#batch = []
    this.#lastMs = performance.now()
    this.#writing = this.#writing.then(() => this.#file.appendFile(text))
  }

  async close(): Promise<void> {
    this.#flush()
    await this.#writing
    await this.#file.sync()
    await this.#file.close()
  }
}

/** The number of bytes up to and including the last line's end. */
async function wholeLines(file: FileHandle, size: number): Promise<number> {
  const piece = Buffer.alloc(65536)
  for (let end = size; end > 0; end -= piece.length) {
    const from = Math.max(0, end - piece.length)
    const { bytesRead } = await file.read(piece, 0, end - from, from)
    const newline = piece.subarray(0, bytesRead).lastIndexOf(10)
    if (newline >= 0) return from + newline + 1
  }
  return 0
}

/** Keeps only each path's last line, for paths that still exist. All or nothing. */
export async function compact(path: string, paths: ReadonlySet<string>): Promise<void> {
  const last = new Map<string, CodeLine>()
  let lines = 0
  for await (const line of readCodeLines(path)) {
    lines++
    if (paths.has(line.path)) last.set(line.path, line)
  }
  if (lines === last.size) return
  await writeWhole(path, [...last.values()].map((line) => `${JSON.stringify(line)}\n`).join(''))
}
