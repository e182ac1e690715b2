#!/usr/bin/env node
/** `npx latent64`: runs the command line (latent64.ts) from a bundle, which starts in a quarter of the time. */
import '../scripts/check-installed.mjs'
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { bundled, cache } from './start/bundle.mjs'

process.env.NODE_COMPILE_CACHE ??= join(cache, 'v8') // for worker threads, too
enableCompileCache(process.env.NODE_COMPILE_CACHE)
await import(await bundled())
