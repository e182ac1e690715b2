import { createRequire } from 'node:module'

/** ChromaHash's encoder: its package exports no path to the file. */
export const chromaHashWasmPath = createRequire(import.meta.url)
  .resolve('@visualcommons/chromahash')
  .replace(/dist.*$/, 'wasm/chromahash_wasm_bg.wasm')
