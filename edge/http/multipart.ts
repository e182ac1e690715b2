/**
 * Splits a multipart body into its parts (RFC 2046, section 5.1.1) without preamble and epilogue, in one pass: the only
 * CR of a delimiter is its first byte, so no byte of the body is compared twice.
 */
import { Problem } from './problem.ts'

export interface BodyPart {
  /** Lower-case names. */
  headers: Map<string, string>
  content: Uint8Array
}

const CR = 13
const LF = 10
const SPACE = 32
const TAB = 9
const HYPHEN = 45
/** RFC 2046's limit. */
const MAX_BOUNDARY_LENGTH = 70
const MAX_HEADER_BYTES = 8192

/** The parameter of `multipart/form-data; boundary = "..."`. Throws 400. */
export function boundaryOf(contentType: string): string {
  const found = /;\s*boundary\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/i.exec(contentType)
  if (found === null) throw malformed('Content-Type has no boundary')
  const boundary = found[1]?.replace(/\\(.)/g, '$1') ?? found[2]
  if (boundary.length < 1 || boundary.length > MAX_BOUNDARY_LENGTH)
    throw malformed(`a boundary has 1 to ${MAX_BOUNDARY_LENGTH} characters, this one has ${boundary.length}`)
  return boundary
}

/** Throws 400 if the body is not multipart, or ends before its closing delimiter. */
export function* splitMultipart(body: Uint8Array, boundary: string): Generator<BodyPart> {
  const delimiter = new TextEncoder().encode(`\r\n--${boundary}`)
  // The first delimiter may begin the body, with no line end before it.
  const opens = startsWith(body, delimiter.subarray(2), 0) && isDelimiterEnd(body, delimiter.length - 2)
  let at = opens ? -2 : findDelimiter(body, delimiter, 0)
  if (!opens && at < 0) throw malformed('the boundary of Content-Type is not in the body')
  for (;;) {
    const start = skipPadding(body, at + delimiter.length)
    if (body[start] === HYPHEN) return
    at = findDelimiter(body, delimiter, start) // from the line end of the delimiter before: a part may be empty
    if (at < 0) throw malformed('the body ends before its closing delimiter')
    yield readPart(body.subarray(start, at))
  }
}

/** The index of the next delimiter's line end, from `from` on; -1 if there is none. */
function findDelimiter(body: Uint8Array, delimiter: Uint8Array, from: number): number {
  const last = body.length - delimiter.length
  for (let at = from; at <= last; at++) {
    if (body[at] !== CR) continue
    if (startsWith(body, delimiter, at) && isDelimiterEnd(body, at + delimiter.length)) return at
  }
  return -1
}

function startsWith(body: Uint8Array, text: Uint8Array, at: number): boolean {
  for (let i = 0; i < text.length; i++) if (body[at + i] !== text[i]) return false
  return true
}

/** A boundary is followed by the closing hyphens or by spaces and a line end; otherwise it is part of a longer line. */
function isDelimiterEnd(body: Uint8Array, at: number): boolean {
  if (body[at] === HYPHEN && body[at + 1] === HYPHEN) return true
  const end = skipPadding(body, at)
  return body[end] === CR && body[end + 1] === LF
}

function skipPadding(body: Uint8Array, at: number): number {
  while (body[at] === SPACE || body[at] === TAB) at++
  return at
}

/** A part from the line end of its delimiter on: header lines, an empty line, the content. */
function readPart(part: Uint8Array): BodyPart {
  const end = headersEnd(part)
  return { headers: readHeaders(part.subarray(0, end)), content: part.subarray(end + 4) }
}

function headersEnd(part: Uint8Array): number {
  const last = Math.min(part.length - 4, MAX_HEADER_BYTES)
  for (let at = 0; at <= last; at++)
    if (part[at] === CR && part[at + 1] === LF && part[at + 2] === CR && part[at + 3] === LF) return at
  throw malformed(`the headers of a part do not end within ${MAX_HEADER_BYTES} bytes`)
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function readHeaders(bytes: Uint8Array): Map<string, string> {
  const headers = new Map<string, string>()
  const folded = decodeHeaders(bytes)
  const text =
    folded.includes('\r\n ') || folded.includes('\r\n\t') ? folded.replace(/\r\n[ \t]+/g, ' ') : folded
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':')
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim())
  }
  return headers
}

function decodeHeaders(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw malformed('the headers of a part are not UTF-8')
  }
}

const malformed = (detail: string) => new Problem('malformed', `multipart/form-data: ${detail}`)
