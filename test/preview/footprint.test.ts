/** What decoding takes in a page: bytes of script, and bytes of memory. */
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build as esbuild } from 'esbuild'
import { type Rolldown, build as vite } from 'vite'
import { expect, test } from 'vitest'
import { decode } from '../../shared/preview/preview.ts'
import vectors from '../vectors/preview-1.json' with { type: 'json' }

const ROOT = join(import.meta.dirname, '..', '..')
const entry = join(ROOT, 'package', 'decode', 'decode.ts')
/** Weights, tables and code, gzipped. */
const MOST_BYTES = 16_000

test('everything that decodes a code is under 16,000 bytes gzipped, minified by esbuild and by vite', async () => {
  const one = await esbuild({
    ...{ entryPoints: [entry], bundle: true, minify: true, format: 'esm', write: false, target: 'es2022' },
  })
  expect(gzipSync(one.outputFiles[0].contents, { level: 9 }).length).toBeLessThan(MOST_BYTES)
  const rolldownOptions = { input: entry, preserveEntrySignatures: 'strict' as const }
  const other = await vite({
    ...{ root: ROOT, configFile: false, logLevel: 'silent', publicDir: false },
    build: { rolldownOptions, write: false, modulePreload: false },
  })
  const { output } = other as Rolldown.RolldownOutput
  const chunks = output.map((file) => ('code' in file ? file.code : file.source.toString()))
  expect(chunks).toHaveLength(1)
  const bytes = gzipSync(chunks.join(''), { level: 9 }).length
  expect(bytes).toBeGreaterThan(10_000) // the weights are there
  expect(bytes).toBeLessThan(MOST_BYTES)
}, 60_000)

const KINDS = [
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Float64Array',
] as const

/** What `work` allocates in typed arrays, the result's among them. */
function bytesAllocated(work: () => void): number {
  let bytes = 0
  const before = KINDS.map((kind) => globalThis[kind])
  for (const kind of KINDS)
    Object.assign(globalThis, {
      [kind]: new Proxy(globalThis[kind], {
        construct(target, args) {
          const array = Reflect.construct(target, args)
          if (!(args[0] instanceof ArrayBuffer)) bytes += array.byteLength
          return array
        },
      }),
    })
  try {
    work()
  } finally {
    for (const [i, kind] of KINDS.entries()) Object.assign(globalThis, { [kind]: before[i] })
  }
  return bytes
}

test('a decode at 32 pixels takes under 20 kB of memory beyond the model and the picture, also with transparency', () => {
  decode(vectors[0].code, { width: 5, height: 5 }) // reads the model, and keeps the cosines of another size
  for (const { code } of vectors) {
    const bytes = bytesAllocated(() => decode(code, { width: 32, height: 32 }))
    expect(bytes).toBeGreaterThan(4096) // the picture alone
    expect(bytes - 4096).toBeLessThan(20_000)
  }
})
