/** libwebp for edge/images in Node: import for its side effect. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { provideLibwebp } from '../shared/images/webp/libwebp.ts'

const path = createRequire(import.meta.url).resolve('@jsquash/webp/codec/dec/webp_dec.wasm')

provideLibwebp(async () => WebAssembly.compile(await readFile(path)))
