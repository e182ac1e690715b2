/** A typed client for the JSON side of the service: `const client = createClient('https://...')`. */
import { hc } from 'hono/client'
import type { app } from './app.ts'

export const createClient = (url: string, options?: Parameters<typeof hc>[1]) => hc<typeof app>(url, options)
