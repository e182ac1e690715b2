import { DEFAULT_MAX_PIXELS, DEFAULT_MAX_WORK } from '../shared/images/limits.ts'

/** What wrangler.toml binds and sets; see docs/deploy.md for each. Everything but ASSETS may be absent. */
export interface Bindings extends Partial<Record<keyof typeof LIMITS, string | number>> {
  /** Built by scripts/build-assets.ts: the page, the docs, the models. */
  ASSETS: Fetcher
  DEFAULT_MODEL?: string
  CORS_ORIGINS?: string
  LOG?: string
  /** A secret: `name:key` pairs, separated by commas. Unset: the service is open. */
  API_KEYS?: string
  /** Counts the requests of each API key. */
  RATE_LIMITER?: RateLimit
  /** Counts the requests of each address that sends no key. */
  ADDRESS_LIMITER?: RateLimit
  METRICS?: AnalyticsEngineDataset
  /** Only in a worker that compresses buckets (docs/bulk.md); their R2 bindings have names of their own. */
  BULK_BUCKETS?: unknown
  DB?: D1Database
  QUEUE?: Queue
  DEAD_LETTERS?: Queue
  BACKFILL?: Workflow
}

/** Each a variable of wrangler.toml, here with its default. */
const LIMITS = {
  MAX_BODY_BYTES: 10_000_000,
  /** Smaller than the body limit, because a parsed JSON text takes some thirty times its own size in memory. */
  MAX_JSON_BYTES: 1_000_000,
  /** All images of one request together. */
  MAX_PIXELS: DEFAULT_MAX_PIXELS,
  /** What decoding them may cost, in units of some 15 ns, since a small file can be made to take long. */
  MAX_DECODING_WORK: DEFAULT_MAX_WORK,
  MAX_BATCH: 64,
  /** Coded pixels of all long codes of one request: as many as one of the largest has. */
  MAX_LONG_CODE_PIXELS: 393_216,
  /** Pixels of a picture drawn by /decompress, or by /preview for a client with a key. */
  MAX_OUTPUT_PIXELS: 4_000_000,
  /** Pixels of a picture drawn by /preview for anyone else. */
  MAX_PREVIEW_PIXELS: 1_048_576,
  /** In a response of raw samples or JSON; to build the latter takes a hundred times its samples in memory. */
  MAX_OUTPUT_SAMPLES: 1_000_000,
  MAX_BYTES_IN_FLIGHT: 24_000_000,
  READ_TIMEOUT_SECONDS: 30,
  SEND_TIMEOUT_SECONDS: 30,
  /** For each address without a key. A pixel that is read counts once, one that is drawn four times. */
  ADDRESS_PIXELS_PER_MINUTE: 120_000_000,
  RATE_LIMIT_PERIOD_SECONDS: 60,
}

export interface Settings {
  /** Name of the model for images whose exact shape is no model's; undefined: the newest one. */
  defaultModel: string | undefined
  maxBodyBytes: number
  maxJsonBytes: number
  maxPixels: number
  maxWork: number
  maxBatch: number
  maxLongCodePixels: number
  maxOutputPixels: number
  maxPreviewPixels: number
  maxOutputSamples: number
  maxBytesInFlight: number
  readTimeoutSeconds: number
  sendTimeoutSeconds: number
  /** After this time a request no longer holds bytes, even if its end went unnoticed. */
  holdSeconds: number
  addressPixelsPerMinute: number
  rateLimitPeriodSeconds: number
  corsOrigins: '*' | Set<string>
  log: 'requests' | 'failures' | 'off'
}

let cached: { bindings: Bindings; settings: Settings } | undefined

/** Read once per isolate: the bindings of an isolate never change. */
export function settingsOf(bindings: Bindings): Settings {
  if (cached?.bindings !== bindings) cached = { bindings, settings: readSettings(bindings) }
  return cached.settings
}

function readSettings(bindings: Bindings): Settings {
  const limit = (name: keyof typeof LIMITS) => positive(name, bindings[name] ?? LIMITS[name])
  const [readTimeoutSeconds, sendTimeoutSeconds] = [
    limit('READ_TIMEOUT_SECONDS'),
    limit('SEND_TIMEOUT_SECONDS'),
  ]
  return {
    defaultModel: bindings.DEFAULT_MODEL || undefined,
    maxBodyBytes: limit('MAX_BODY_BYTES'),
    maxJsonBytes: limit('MAX_JSON_BYTES'),
    maxPixels: limit('MAX_PIXELS'),
    maxWork: limit('MAX_DECODING_WORK'),
    maxBatch: limit('MAX_BATCH'),
    maxLongCodePixels: limit('MAX_LONG_CODE_PIXELS'),
    maxOutputPixels: limit('MAX_OUTPUT_PIXELS'),
    maxPreviewPixels: limit('MAX_PREVIEW_PIXELS'),
    maxOutputSamples: limit('MAX_OUTPUT_SAMPLES'),
    maxBytesInFlight: limit('MAX_BYTES_IN_FLIGHT'),
    readTimeoutSeconds,
    sendTimeoutSeconds,
    holdSeconds: readTimeoutSeconds + sendTimeoutSeconds,
    addressPixelsPerMinute: limit('ADDRESS_PIXELS_PER_MINUTE'),
    rateLimitPeriodSeconds: limit('RATE_LIMIT_PERIOD_SECONDS'),
    corsOrigins: readOrigins(bindings.CORS_ORIGINS ?? '*'),
    log: readLog(bindings.LOG ?? 'failures'),
  }
}

function positive(name: string, given: string | number): number {
  const value = Number(given)
  if (!Number.isSafeInteger(value) || value < 1)
    throw new Error(`${name} must be a positive integer, got ${given}`)
  return value
}

function readOrigins(text: string): '*' | Set<string> {
  if (text.trim() === '*') return '*'
  return new Set(
    text
      .split(',')
      .map((origin) => origin.trim())
      .filter(Boolean),
  )
}

function readLog(text: string): Settings['log'] {
  if (text === 'requests' || text === 'failures' || text === 'off') return text
  throw new Error(`LOG must be requests, failures or off, got ${text}`)
}
