/** Proactive content negotiation (RFC 9110, section 12.5.1). */
import { Problem } from './problem.ts'

/** The media type to respond with: the client's preference, and the server's order between equals. Throws 406. */
export function negotiate<T extends string>(
  accept: string | null | undefined,
  offered: readonly [T, ...T[]],
): T {
  if (!accept || accept === '*/*') return offered[0]
  if ((offered as readonly string[]).includes(accept)) return accept as T
  const ranges = parseAccept(accept)
  let best: T | undefined
  let bestQuality = 0
  for (const type of offered) {
    const quality = qualityOf(type, ranges)
    if (quality > bestQuality) {
      best = type
      bestQuality = quality
    }
  }
  if (best === undefined)
    throw new Problem(
      'not-acceptable',
      `the response can be ${offered.join(', ')}; the Accept header allows none of these`,
      {
        offered,
      },
    )
  return best
}

interface MediaRange {
  type: string
  quality: number
}

const MAX_RANGES = 64

function parseAccept(accept: string): MediaRange[] {
  return accept
    .split(',', MAX_RANGES)
    .map((range) => {
      const [type, ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
      const q = parameters.find((parameter) => parameter.startsWith('q='))
      return { type: type!, quality: q === undefined ? 1 : Number(q.slice(2)) }
    })
    .filter(({ quality }) => quality >= 0 && quality <= 1) // NaN: a malformed weight counts for nothing
}

/** The most specific range that matches decides: text/html over text/* over the lone wildcard. */
function qualityOf(type: string, ranges: MediaRange[]): number {
  const major = `${type.slice(0, type.indexOf('/'))}/*`
  for (const wanted of [type, major, '*/*']) {
    const match = ranges.find((range) => range.type === wanted)
    if (match) return match.quality
  }
  return 0
}
