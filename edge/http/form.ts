/** multipart/form-data. Not by the runtime's formData() and its Blobs: in workerd those take 14 us of CPU more a part. */
import { ContentDisposition } from '@remix-run/headers/content-disposition'
import { MaxPartsExceededError, parseMultipart } from '@remix-run/multipart-parser'
import { Problem } from './problem.ts'

export interface FormPart {
  name: string
  /** For messages: `image 3`. */
  label: string
  content: Uint8Array | string
  /** '' where the part has none. */
  type: string
}

/** Parts beside those that are wanted, such as a form's submit button. */
const OTHER_PARTS = 16

/** The parts with one of the names, in order. Throws 400, and 413 for too many. */
export function readForm(
  bytes: Uint8Array,
  contentType: string,
  names: readonly string[],
  maxBatch: number,
): FormPart[] {
  const parts: FormPart[] = []
  const counts = new Map<string, number>()
  for (const part of parseForm(bytes, contentType, names.length * maxBatch + OTHER_PARTS, maxBatch)) {
    const { name, filename, type, content } = part
    if (name === undefined || !names.includes(name)) continue
    const count = (counts.get(name) ?? 0) + 1
    if (count > maxBatch) throw tooMany(maxBatch)
    counts.set(name, count)
    parts.push({
      name,
      label: `${name} ${count}`,
      content: filename === undefined ? utf8.decode(content) : content,
      type,
    })
  }
  return parts
}

const utf8 = new TextDecoder()

function* parseForm(bytes: Uint8Array, contentType: string, maxParts: number, maxBatch: number) {
  const boundary = /;\s*boundary=(?:"([^"]{1,200})"|([^\s;"]{1,200}))/i.exec(contentType)
  if (boundary === null) throw new Problem('malformed', 'multipart/form-data: Content-Type has no boundary')
  const limits = { maxParts, maxFileSize: bytes.length, maxTotalSize: bytes.length }
  try {
    // The headers are read in here too: only then are their bytes decoded, which throws where they are not UTF-8.
    for (const part of parseMultipart(bytes, { boundary: (boundary[1] ?? boundary[2])!, ...limits })) {
      const { name, filename } = ContentDisposition.from(part.headers['content-disposition'] ?? null)
      const content = part.content.length === 1 ? part.content[0]! : part.bytes
      yield { name, filename, type: part.headers['content-type'] ?? '', content }
    }
  } catch (error) {
    if (error instanceof MaxPartsExceededError) throw tooMany(maxBatch)
    throw new Problem('malformed', `multipart/form-data: ${(error as Error).message}`)
  }
}

function tooMany(maxBatch: number): Problem {
  return new Problem(
    'too-large',
    `a form here may have up to ${maxBatch} parts of one name, and ${OTHER_PARTS} others`,
    { maxBatch },
  )
}
