/** node:crypto, loaded when it is first needed: that takes 5 ms in every thread. */
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

export const lateCrypto = () => require('node:crypto') as typeof import('node:crypto')
