/** multipart/form-data, parsed by the runtime, its number of parts bounded before. */
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
export async function readForm(
  bytes: Uint8Array,
  contentType: string,
  names: readonly string[],
  maxBatch: number,
): Promise<FormPart[]> {
  if (countBoundaries(bytes, contentType) > names.length * maxBatch + OTHER_PARTS + 1) throw tooMany(maxBatch)
  const parts: FormPart[] = []
  const counts = new Map<string, number>()
  for (const [name, value] of await parseForm(bytes, contentType)) {
    if (!names.includes(name)) continue
    const count = (counts.get(name) ?? 0) + 1
    if (count > maxBatch) throw tooMany(maxBatch)
    counts.set(name, count)
    const content = typeof value === 'string' ? value : new Uint8Array(await value.arrayBuffer())
    parts.push({
      name,
      label: `${name} ${count}`,
      content,
      type: typeof value === 'string' ? '' : value.type,
    })
  }
  return parts
}

async function parseForm(bytes: Uint8Array, contentType: string) {
  try {
    return await new Response(bytes, { headers: { 'content-type': contentType } }).formData()
  } catch (error) {
    throw new Problem('malformed', `multipart/form-data: ${(error as Error).message}`)
  }
}

function countBoundaries(bytes: Uint8Array, contentType: string): number {
  const match = /;\s*boundary=(?:"([^"]{1,200})"|([^\s;"]{1,200}))/i.exec(contentType)
  if (match === null) throw new Problem('malformed', 'multipart/form-data: Content-Type has no boundary')
  const boundary = new TextEncoder().encode(`--${match[1] ?? match[2]}`)
  let count = 0
  for (let at = bytes.indexOf(boundary[0]!); at >= 0; at = bytes.indexOf(boundary[0]!, at + 1))
    if (boundary.every((byte, i) => bytes[at + i] === byte)) count++
  return count
}

function tooMany(maxBatch: number): Problem {
  return new Problem(
    'too-large',
    `a form here may have up to ${maxBatch} parts of one name, and ${OTHER_PARTS} others`,
    { maxBatch },
  )
}
