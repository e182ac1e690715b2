/**
 * Bundles the command line as JavaScript in .cache/cli, when it is first needed and when a source file has changed.
 * Without the bundle, Node strips the types of 80 files at every start and in every worker thread: 0.3 s of CPU each
 * time. This file is JavaScript because it runs before any TypeScript.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'

const root = join(import.meta.dirname, '..', '..')
export const cache = join(root, '.cache', 'cli')
const current = join(cache, 'current.json') // { bundle, files: [path, size, mtimeMs][] }

/** Runs the bundle, or the sources themselves if it cannot be made. */
export async function load() {
  const file = await bundled()
  if (file)
    createRequire(import.meta.url)(file) // import() would look for exports in all of it first
  else await import('../latent64.ts')
}

/** The bundle's file; undefined if esbuild is missing, or .cache cannot be written. */
async function bundled() {
  try {
    const { bundle, files } = JSON.parse(readFileSync(current, 'utf8'))
    if (files.every((file) => isUnchanged(file))) return fileOf(bundle)
  } catch {} // there is no bundle yet
  try {
    return fileOf(await make())
  } catch {
    return undefined
  }
}

const fileOf = (bundle) => join(cache, bundle, 'latent64.cjs')

function isUnchanged([path, size, mtimeMs]) {
  const now = statSync(join(root, path), { throwIfNoEntry: false })
  return now?.size === size && now.mtimeMs === mtimeMs
}

async function make() {
  const { build } = await import('esbuild')
  const { createHash } = await import('node:crypto')
  mkdirSync(cache, { recursive: true })
  const partial = join(cache, `partial-${process.pid}`)
  const { metafile } = await build({
    ...{ absWorkingDir: root, outdir: partial, entryPoints, plugins: [likeTheSources] },
    // In one file for each entry: reading thirty of them takes longer than what some hold in vain.
    ...{ bundle: true, splitting: false, platform: 'node', target: 'node22' },
    // As CommonJS: an import of node:fs reads all that it exports, streams too, which takes 10 ms in every thread.
    ...{ format: 'cjs', outExtension: { '.js': '.cjs' } },
    ...{ metafile: true, logLevel: 'silent', external: ['sharp', 'esbuild'] },
    ...{ define: { 'import.meta.url': '$url' } },
    banner: { js: "const $url=require('node:url').pathToFileURL(__filename).href;" },
  })
  const inputs = [...Object.keys(metafile.inputs), relative(root, import.meta.filename)]
  const files = inputs.map((path) => {
    const { size, mtimeMs } = statSync(join(root, path))
    return [path, size, mtimeMs]
  })
  const bundle = createHash('sha256').update(JSON.stringify(files)).digest('hex').slice(0, 16)
  publish(partial, bundle, files)
  return bundle
}

/** Another process may do the same at the same time, or still run from the previous bundle. */
function publish(partial, bundle, files) {
  const old = readdirSync(cache).filter((name) => /^[0-9a-f]{16}$/.test(name) && name !== bundle)
  try {
    renameSync(partial, join(cache, bundle))
  } catch {
    rmSync(partial, { recursive: true }) // another process has made it
  }
  writeFileSync(`${current}.${process.pid}`, JSON.stringify({ bundle, files }))
  renameSync(`${current}.${process.pid}`, current)
  for (const name of old.sort(byAge).slice(1)) rmSync(join(cache, name), { recursive: true, force: true })
}

const byAge = (a, b) => statSync(join(cache, b)).mtimeMs - statSync(join(cache, a)).mtimeMs

const entryPoints = [
  { in: 'cli/latent64.ts', out: 'latent64' },
  { in: 'cli/jobs/task-worker.ts', out: 'task-worker' },
  { in: 'cli/placeholders/placeholders-worker.ts', out: 'placeholders-worker' },
]

/** Training, evaluation and TensorFlow.js are not bundled; bundled modules still know their own path. */
const likeTheSources = {
  name: 'like-the-sources',
  setup(build) {
    const stays = /^(train|evaluate|node[/\\]tensorflow)[/\\]/
    build.onResolve({ filter: /^\./ }, ({ path, resolveDir }) => {
      const file = join(resolveDir, path)
      return stays.test(relative(root, file)) ? { path: pathToFileURL(file).href, external: true } : undefined
    })
    build.onLoad({ filter: /[/\\](cli|node|shared)[/\\].*\.ts$/ }, ({ path }) => {
      if (path.includes('node_modules')) return undefined
      const text = readFileSync(path, 'utf8')
        .replaceAll('import.meta.dirname', JSON.stringify(dirname(path)))
        .replaceAll(
          /new URL\('\.\/([\w-]+)\.ts', import\.meta\.url\)/g,
          "new URL('./$1.cjs', import.meta.url)",
        )
      return { contents: text, loader: 'ts' }
    })
  },
}
