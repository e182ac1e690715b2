import type { ServiceContext } from '../service-env.ts'

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/

/**
 * The client's address by Cloudflare's CF-Connecting-IP; for IPv6 its first 64 bits, which one customer gets as a block.
 * Undefined without the header (workerd without Cloudflare in front) and for the developer's own machine.
 */
export function clientAddress(c: ServiceContext): string | undefined {
  const address = c.req.raw.headers.get('cf-connecting-ip')
  if (address === null || LOOPBACK.test(address)) return undefined
  if (address.includes('.')) return address
  const [groups] = address.toLowerCase().split('::')
  return groups.split(':').slice(0, 4).join(':')
}
