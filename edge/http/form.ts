/** multipart/form-data (RFC 7578). Not by the runtime's formData(), whose Blobs take 14 us more CPU per part. */
import { ContentDisposition } from '@remix-run/headers/content-disposition'
import { mediaTypeOf } from './media-type.ts'
import { type BodyPart, boundaryOf, splitMultipart } from './multipart.ts'
import { Problem } from './problem.ts'

export interface FormPart {
  name: string
  /** For messages: `image 3`. */
  label: string
  bytes: Uint8Array
  /** Media type without parameters, lower case; '' if the part has none. */
  type: string
  /** A text field: neither a file name nor a type. */
  isText: boolean
}

/** How many parts may have other names, such as a form's submit button. */
const OTHER_PARTS = 16

/** The parts with one of the names, in order. Throws 400, and 413 if there are too many. */
export function readForm(
  bytes: Uint8Array,
  contentType: string,
  names: readonly string[],
  maxBatch: number,
): FormPart[] {
  const parts: FormPart[] = []
  const counts = new Map<string, number>()
  let others = 0
  for (const { headers, content } of splitMultipart(bytes, boundaryOf(contentType))) {
    const { name, isFile } = describe(headers)
    if (name === undefined || !names.includes(name)) {
      if (++others > OTHER_PARTS) throw tooMany(maxBatch)
      continue
    }
    const count = (counts.get(name) ?? 0) + 1
    if (count > maxBatch) throw tooMany(maxBatch)
    counts.set(name, count)
    const type = mediaTypeOf(headers.get('content-type') ?? null)
    parts.push({ name, label: `${name} ${count}`, bytes: content, type, isText: !isFile && type === '' })
  }
  return parts
}

/** Transfer encodings that leave the bytes as they are; the others are for mail (RFC 7578, section 4.7). */
const IDENTITY_ENCODINGS = ['', 'binary', '8bit', '7bit']

function describe(headers: BodyPart['headers']): { name: string | undefined; isFile: boolean } {
  const encoding = headers.get('content-transfer-encoding')?.toLowerCase() ?? ''
  if (!IDENTITY_ENCODINGS.includes(encoding))
    throw new Problem('malformed', `multipart/form-data: Content-Transfer-Encoding must be binary`)
  const { name, filename, filenameSplat } = ContentDisposition.from(
    headers.get('content-disposition') ?? null,
  )
  return { name, isFile: filename !== undefined || filenameSplat !== undefined }
}

function tooMany(maxBatch: number): Problem {
  const detail = `a form may have up to ${maxBatch} parts of one name and ${OTHER_PARTS} others`
  return new Problem('too-large', detail, { maxBatch })
}
