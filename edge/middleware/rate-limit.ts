/**
 * Rate limits. The binding RATE_LIMITER counts the requests of each API key, ADDRESS_LIMITER those of each address that
 * sends no key; Cloudflare keeps these counts per location. In addition each isolate limits the pixels of each address,
 * as a request's cost is in its pixels; that works without any binding.
 */
import type { MiddlewareHandler, Next } from 'hono'
import { Problem } from '../http/problem.ts'
import type { ServiceContext, ServiceEnv } from '../service-env.ts'
import { PixelAllowance } from './pixel-allowance.ts'

/** What any request costs, in pixels read. */
const REQUEST_PIXELS = 20_000
/** Allows thirty wrong keys per minute by default. */
const FAILED_KEY_PIXELS = 4_000_000
/** A pixel to be drawn is also resampled and deflated, and takes as long as four that are read. */
export const DRAWN_PIXEL = 4

const allowance = new PixelAllowance()
/** Separate, so that previews cannot lock out a key, nor wrong keys the page. */
const failedKeys = new PixelAllowance()

export const rateLimit: MiddlewareHandler<ServiceEnv> = (c, next) => {
  const { client } = c.get('record')
  if (client !== '')
    return c.env.RATE_LIMITER === undefined ? next() : count(c, c.env.RATE_LIMITER, client, next)
  const address = clientAddress(c)
  if (address === undefined) return next()
  takePixels(c, allowance, address, REQUEST_PIXELS)
  return c.env.ADDRESS_LIMITER === undefined ? next() : count(c, c.env.ADDRESS_LIMITER, address, next)
}

async function count(c: ServiceContext, limiter: RateLimit, key: string, next: Next): Promise<void> {
  const { success } = await limiter.limit({ key })
  if (!success) throw tooMany(c.get('settings').rateLimitPeriodSeconds)
  await next()
}

/** Call before pixels are read or drawn. Throws 429 if the address has used up its allowance. */
export function chargePixels(c: ServiceContext, pixels: number): void {
  const address = c.get('record').client === '' ? clientAddress(c) : undefined
  if (address !== undefined) takePixels(c, allowance, address, pixels)
}

/** Throws 429 instead of 401 if this address has sent too many wrong keys. */
export function chargeFailedKey(c: ServiceContext): void {
  const address = clientAddress(c)
  if (address !== undefined) takePixels(c, failedKeys, address, FAILED_KEY_PIXELS)
}

/** Call before a key is checked, so that an address that guesses keys learns nothing for a while. */
export function checkFailedKeys(c: ServiceContext): void {
  const address = clientAddress(c)
  if (address !== undefined) takePixels(c, failedKeys, address, 0)
}

function takePixels(c: ServiceContext, from: PixelAllowance, address: string, pixels: number): void {
  const { addressPixelsPerMinute } = c.get('settings')
  const waitSeconds = from.take(address, pixels, addressPixelsPerMinute, performance.now())
  if (waitSeconds > 0) throw tooMany(waitSeconds)
}

function tooMany(retrySeconds: number): Problem {
  const detail = `this client is over its limit: try again in ${retrySeconds} s`
  return new Problem('rate-limited', detail, {}, { 'retry-after': String(retrySeconds) })
}

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/

/**
 * The client's address by Cloudflare's CF-Connecting-IP; for IPv6 its first 64 bits, which one customer gets as a
 * block. Undefined without the header (workerd without Cloudflare in front) and for the developer's own machine.
 */
function clientAddress(c: ServiceContext): string | undefined {
  const address = c.req.raw.headers.get('cf-connecting-ip')
  if (address === null || LOOPBACK.test(address)) return undefined
  if (address.includes('.')) return address
  const [groups] = address.toLowerCase().split('::')
  return groups.split(':').slice(0, 4).join(':')
}
