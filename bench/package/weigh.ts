/** `npm run bench:package`: sizes of the npm package and of a page's decoders, in results/package-sizes.json. Times nothing. */
import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { writeJson } from '../../node/atomic-write.ts'
import { buildPackage } from '../../scripts/package/build.ts'
import type { PackageSizes } from './figures.ts'

const root = join(import.meta.dirname, '..', '..')

const DECODERS = {
  'Latent64, drawing alone': `export { decode } from './package/decode/decode.ts'`,
  'Latent64, with data URLs': `export * from './package/decode/decode.ts'`,
  ChromaHash: `export { decode } from '@visualcommons/chromahash/decode'`,
  ThumbHash: `export { thumbHashToRGBA } from 'thumbhash'`,
  BlurHash: `export { decode } from 'blurhash'`,
}

async function gzippedBytes(contents: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    ...{ write: false, bundle: true, minify: true, format: 'esm', target: 'es2022', legalComments: 'none' },
  })
  return gzipSync(outputFiles[0].contents, { level: 9 }).length
}

async function packed(): Promise<Pick<PackageSizes, 'packedBytes' | 'installedBytes' | 'elementBytes'>> {
  const directory = await mkdtemp(join(tmpdir(), 'latent64-weigh-'))
  try {
    await buildPackage(directory)
    const words = ['pack', '--dry-run', '--json', directory]
    const [{ size, unpackedSize }] = packs(execFileSync('npm', words, { cwd: directory }).toString())
    const element = await readFile(join(directory, 'web', 'element.min.js'))
    return {
      packedBytes: size,
      installedBytes: unpackedSize,
      elementBytes: gzipSync(element, { level: 9 }).length,
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

interface Pack {
  size: number
  unpackedSize: number
}

/** npm 10 prints a list, npm 11 an object by name. */
const packs = (json: string): Pack[] => Object.values(JSON.parse(json) as Record<string, Pack>)

const versionOf = (name: string): string =>
  createRequire(import.meta.url)(join(root, 'node_modules', name, 'package.json')).version

const gzipped: Record<string, number> = {}
for (const [name, contents] of Object.entries(DECODERS)) gzipped[name] = await gzippedBytes(contents)
const versions = Object.fromEntries(
  ['@visualcommons/chromahash', 'thumbhash', 'blurhash'].map((name) => [name, versionOf(name)]),
)
const sizes: PackageSizes = { kind: 'package', versions, gzippedBytes: gzipped, ...(await packed()) }
console.table(gzipped)
await writeJson(join(root, 'results', 'package-sizes.json'), sizes)
