/** What wrangler.toml binds and sets; see docs/deploy.md for each. Everything but ASSETS may be absent. */
export interface Bindings {
  /** Built by scripts/build-assets.ts: the page, the docs, the models. */
  ASSETS: Fetcher
  DEFAULT_MODEL?: string
  MAX_BODY_BYTES?: string | number
  MAX_JSON_BYTES?: string | number
  MAX_PIXELS?: string | number
  MAX_OUTPUT_PIXELS?: string | number
  MAX_BATCH?: string | number
  READ_TIMEOUT_SECONDS?: string | number
  CORS_ORIGINS?: string
  LOG?: string
  /** A secret: `name:key` pairs, separated by commas. Unset: the service is open and has no rate limit. */
  API_KEYS?: string
  RATE_LIMITER?: RateLimit
  RATE_LIMIT_PERIOD_SECONDS?: string | number
  METRICS?: AnalyticsEngineDataset
  /** Of a worker that compresses buckets (docs/bulk.md); their R2 bindings have names of their own. */
  BULK_BUCKETS?: unknown
  DB?: D1Database
  QUEUE?: Queue
  DEAD_LETTERS?: Queue
  BACKFILL?: Workflow
}

export interface Settings {
  /** Name of the model for images that no model has the exact shape of; undefined: the newest one. */
  defaultModel: string | undefined
  maxBodyBytes: number
  /** Smaller than the body limit, because a parsed JSON text takes some thirty times its own size in memory. */
  maxJsonBytes: number
  maxPixels: number
  maxOutputPixels: number
  maxBatch: number
  /** A client that sends slower than this does not hold its request open for ever. */
  readTimeoutSeconds: number
  corsOrigins: '*' | Set<string>
  log: 'requests' | 'failures' | 'off'
  rateLimitPeriodSeconds: number
}

let cached: { bindings: Bindings; settings: Settings } | undefined

/** Read once an isolate: the bindings of an isolate never change. */
export function settingsOf(bindings: Bindings): Settings {
  if (cached?.bindings !== bindings) cached = { bindings, settings: readSettings(bindings) }
  return cached.settings
}

function readSettings(bindings: Bindings): Settings {
  return {
    defaultModel: bindings.DEFAULT_MODEL || undefined,
    maxBodyBytes: positive('MAX_BODY_BYTES', bindings.MAX_BODY_BYTES, 10_000_000),
    maxJsonBytes: positive('MAX_JSON_BYTES', bindings.MAX_JSON_BYTES, 1_000_000),
    maxPixels: positive('MAX_PIXELS', bindings.MAX_PIXELS, 16_000_000),
    maxOutputPixels: positive('MAX_OUTPUT_PIXELS', bindings.MAX_OUTPUT_PIXELS, 4_000_000),
    maxBatch: positive('MAX_BATCH', bindings.MAX_BATCH, 64),
    readTimeoutSeconds: positive('READ_TIMEOUT_SECONDS', bindings.READ_TIMEOUT_SECONDS, 30),
    corsOrigins: readOrigins(bindings.CORS_ORIGINS ?? '*'),
    log: readLog(bindings.LOG ?? 'failures'),
    rateLimitPeriodSeconds: positive('RATE_LIMIT_PERIOD_SECONDS', bindings.RATE_LIMIT_PERIOD_SECONDS, 60),
  }
}

function positive(name: string, given: string | number | undefined, fallback: number): number {
  const value = given === undefined ? fallback : Number(given)
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
