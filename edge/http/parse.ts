/** A client's query and JSON, checked against schemas.ts. */
import * as v from 'valibot'
import { Problem } from './problem.ts'

/** Throws 400 naming the first thing that is wrong. */
export function check<S extends v.GenericSchema>(schema: S, value: unknown, where: string): v.InferOutput<S> {
  const result = v.safeParse(schema, value, { abortEarly: true })
  if (result.success) return result.output
  const issue = result.issues[0]
  const path = issue.path?.map(({ key }) => String(key)).join('.')
  throw new Problem('malformed', `${where}${path ? `, ${path}` : ''}: ${issue.message}`)
}

/** A URL's query, each parameter at most once. An unknown parameter is refused, since it is probably a typing error. */
export function parseQuery<S extends v.GenericSchema & { entries: object }>(
  schema: S,
  url: string,
  unknown: 'refuse unknown' | 'ignore unknown' = 'refuse unknown',
): v.InferOutput<S> {
  const start = url.indexOf('?')
  const query = start < 0 ? '' : url.slice(start + 1)
  const known = remembered(schema)
  const key = `${unknown} ${query}`
  const parsed = known.get(key) ?? readQuery(schema, query, unknown)
  if (known.size < MAX_REMEMBERED && key.length <= MAX_REMEMBERED_LENGTH) known.set(key, parsed)
  return parsed
}

/** Clients send few different queries, and parsing one costs more than packing a code. */
const MAX_REMEMBERED = 100
const MAX_REMEMBERED_LENGTH = 100
const rememberedBySchema = new Map<object, Map<string, object>>()

function remembered<S extends v.GenericSchema>(schema: S): Map<string, v.InferOutput<S> & object> {
  const known = rememberedBySchema.get(schema) ?? new Map<string, object>()
  rememberedBySchema.set(schema, known)
  return known as Map<string, v.InferOutput<S> & object>
}

function readQuery<S extends v.GenericSchema & { entries: object }>(
  schema: S,
  query: string,
  unknown: 'refuse unknown' | 'ignore unknown',
): v.InferOutput<S> & object {
  const given: Record<string, string> = Object.create(null)
  for (const [name, value] of new URLSearchParams(query)) {
    if (!Object.hasOwn(schema.entries, name)) {
      if (unknown === 'ignore unknown') continue
      throw new Problem('malformed', `query: ${JSON.stringify(name.slice(0, 40))} is not a parameter here`, {
        parameters: Object.keys(schema.entries),
      })
    }
    if (name in given) throw new Problem('malformed', `query, ${name}: given more than once`)
    given[name] = value
  }
  return check(schema, { ...given }, 'query') as v.InferOutput<S> & object
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })

/** {"pixels": [[[0, 0, 0]]]} has four levels. A million nested brackets would take 60 times their bytes in memory. */
const MAX_JSON_DEPTH = 8
const [QUOTE, BACKSLASH] = [0x22, 0x5c]
const [OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE] = [0x5b, 0x5d, 0x7b, 0x7d]

export function parseJson(bytes: Uint8Array): unknown {
  checkDepth(bytes)
  try {
    return JSON.parse(utf8.decode(bytes))
  } catch (error) {
    const detail = error instanceof SyntaxError ? 'the body is not JSON' : 'the body is not UTF-8'
    throw new Problem('malformed', detail)
  }
}

/** Before parsing, which is what takes the memory. In UTF-8 these bytes are never part of another character. */
function checkDepth(bytes: Uint8Array): void {
  let depth = 0
  let inString = false
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]
    if (byte === QUOTE) inString = !inString
    else if (inString) i += byte === BACKSLASH ? 1 : 0
    else if (byte === OPEN_BRACKET || byte === OPEN_BRACE) depth++
    else if (byte === CLOSE_BRACKET || byte === CLOSE_BRACE) depth--
    if (depth > MAX_JSON_DEPTH)
      throw new Problem('malformed', `the body: JSON nested more than ${MAX_JSON_DEPTH} deep`)
  }
}
