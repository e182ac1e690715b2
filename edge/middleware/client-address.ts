import type { ServiceContext } from '../service-env.ts'

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/

/**
 * Where a request comes from, as Cloudflare's CF-Connecting-IP says; of IPv6 the 64 bits that a network hands to one
 * customer. Undefined without the header (a workerd behind no Cloudflare) and on the developer's own machine.
 */
export function clientAddress(c: ServiceContext): string | undefined {
  const address = c.req.raw.headers.get('cf-connecting-ip')
  if (address === null || LOOPBACK.test(address)) return undefined
  if (address.includes('.')) return address
  const [groups] = address.toLowerCase().split('::')
  return groups.split(':').slice(0, 4).join(':')
}
