/**
 * Builds dist/assets, the static files that the worker serves:
 *
 *     index.html, lab.html          the page, and the one that shows how it works
 *     openapi.json, docs.html       the interface, for programs and for people
 *     static/page/                  its scripts (bundled), styles, pictures and wasm
 *     static/models/index.json      the manifests of all models, their networks compiled
 *     static/models/goldens.json    a code by each model, for /health to compare
 *     static/models/NAME/           the model's files, and the one file that the worker reads
 */
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { Command } from 'commander'
import { build } from 'esbuild'
import { chromaHashWasmPath } from '../evaluate/eyes/chromahash-wasm.ts'
import { listGridModels, readGridFiles } from '../node/grid-model-directory.ts'
import { gridWasmPaths, ownWasmPath, simdWasmPath } from '../node/installed-files.ts'
import { readFilesOf } from '../node/load-model.ts'
import { readManifest } from '../node/model-directory.ts'
import { repeated } from '../node/terminal/options.ts'
import { splitTables } from '../shared/codec/entropy/entropy-model.ts'
import { LevelTables } from '../shared/codec/entropy/level-tables.ts'
import { EXPANDED_DECODER, GRID_PATHS } from '../shared/grid/grid-manifest.ts'
import { packExpanded } from '../shared/grid/grid-model.ts'
import { readDecoder } from '../shared/grid/networks/compact-decoder.ts'
import { type Manifest, MODEL_PATHS, type PreviewFiles, sampleCount } from '../shared/manifest.ts'
import { compileNetwork } from '../shared/network/network-plan.ts'
import { SERVED_FILE, type ServedModel } from '../shared/network/served-model.ts'
import { buildGoldens } from './build-goldens.ts'
import { docsPage } from './docs/docs-page.ts'
import { openApiDocument } from './openapi/openapi.ts'
import { withPageParts } from './page/page-parts.ts'
import { chunksOf, withPreloads } from './page/preloads.ts'

const root = join(import.meta.dirname, '..')
const page = join(root, 'edge', 'page')

interface AssetsRequest {
  /** Directories that hold one directory per model. */
  models: string[]
  out: string
}

export const defaultAssets: AssetsRequest = {
  models: [join(root, 'models')],
  out: join(root, 'dist', 'assets'),
}

/** Builds beside `out` and then moves everything there at once, so that a running server never sees half of it. */
export async function buildAssets({ models, out }: AssetsRequest): Promise<Manifest[]> {
  const partial = `${out}.partial-${process.pid}`
  await rm(partial, { recursive: true, force: true })
  await buildPage(partial)
  await buildDocs(partial)
  const manifests = await copyModels(models, join(partial, 'static', 'models'))
  await copyGrids(models, join(partial, 'static', 'models'))
  await buildGoldens(manifests, join(partial, 'static', 'models'))
  await rm(out, { recursive: true, force: true })
  await rename(partial, out)
  return manifests
}

async function buildPage(out: string): Promise<void> {
  const pageOut = join(out, 'static', 'page')
  await mkdir(pageOut, { recursive: true })
  const isStatic = (path: string) => !/(\.ts|\.html|\.md|\.json)$/.test(path)
  await cp(page, pageOut, { recursive: true, filter: isStatic })
  await cp(simdWasmPath, join(pageOut, 'kernels.wasm'))
  await cp(ownWasmPath, join(pageOut, 'own-kernels.wasm'))
  for (const path of Object.values(gridWasmPaths)) await cp(path, join(pageOut, basename(path)))
  await cp(chromaHashWasmPath, join(pageOut, 'chromahash.wasm'))
  const browser = { format: 'esm', platform: 'browser', target: 'es2022', logLevel: 'warning' } as const
  const common = { outdir: pageOut, bundle: true, minify: true, ...browser }
  const { metafile } = await build({
    ...common,
    entryPoints: {
      front: join(page, 'front', 'main.ts'),
      lab: join(page, 'lab', 'main.ts'),
      engine: join(page, 'lab', 'engine.ts'),
      docs: join(page, 'docs', 'docs.ts'),
    },
    ...{ splitting: true, sourcemap: true, metafile: true, absWorkingDir: pageOut },
    ...{ define: { DECODER_KB: JSON.stringify(await decoderKilobytes()) } },
  })
  await build({
    ...common,
    entryPoints: {
      front: join(page, 'front', 'styles', 'front.css'),
      docs: join(page, 'docs', 'docs.css'),
    },
  })
  for (const [from, to, script] of [
    [join('front', 'front.html'), 'index.html', 'front.js'],
    [join('lab', 'lab.html'), 'lab.html', 'lab.js'],
  ]) {
    const html = withPageParts(await readFile(join(page, from), 'utf8'))
    await writeFile(join(out, to), withPreloads(html, '/static/page', chunksOf(metafile, script)))
  }
}

/** The size of latent64/decode without its data URLs: what drawing takes. */
async function decoderKilobytes(): Promise<string> {
  const entry = join(root, 'shared', 'preview', 'preview.ts')
  const { outputFiles } = await build({
    entryPoints: [entry],
    ...{ write: false, bundle: true, minify: true, format: 'esm' },
  })
  return (gzipSync(outputFiles[0].contents, { level: 9 }).length / 1000).toFixed(1)
}

/** A model's directory may also hold files left by training. */
const servedFiles = [
  ...[MODEL_PATHS.manifest, MODEL_PATHS.tables],
  ...[MODEL_PATHS.encoder, MODEL_PATHS.decoder].flatMap(({ topology, weights }) => [topology, weights]),
]

const previewFiles = [
  ...[MODEL_PATHS.manifest, MODEL_PATHS.preview],
  ...[MODEL_PATHS.encoder.topology, MODEL_PATHS.encoder.weights],
]

async function buildDocs(out: string): Promise<void> {
  const document = await openApiDocument()
  await writeFile(join(out, 'openapi.json'), JSON.stringify(document))
  await writeFile(join(out, 'docs.html'), docsPage(document))
}

/** Returns the manifests of those that the service can run. */
async function copyModels(directories: string[], out: string): Promise<Manifest[]> {
  const byId = new Map<string, Manifest>()
  await mkdir(out, { recursive: true })
  for (const directory of (await Promise.all(directories.map(modelsIn))).flat()) {
    const manifest = readManifest(directory)
    if (manifest.unsupportedOps.length > 0) {
      console.warn(
        `${manifest.name} is left out: the service cannot run ${manifest.unsupportedOps.join(', ')}`,
      )
      continue
    }
    const other = byId.get(manifest.id)
    if (other)
      throw new Error(
        `models ${other.name} and ${manifest.name} have one id, ${manifest.id}: export one again`,
      )
    if ([...byId.values()].some(({ name }) => name === manifest.name))
      throw new Error(`two models are named ${manifest.name}`)
    byId.set(manifest.id, manifest)
    for (const path of manifest.isPreview ? previewFiles : servedFiles)
      await cp(join(directory, path), join(out, manifest.name, path))
    await writeFile(join(out, manifest.name, MODEL_PATHS.record), await publicRecord(directory))
  }
  const manifests = [...byId.values()].sort((a, b) => a.name.localeCompare(b.name))
  const served = await Promise.all(manifests.map(({ name }) => serveWhole(join(out, name))))
  await writeFile(join(out, 'index.json'), JSON.stringify(served))
  return manifests
}

/** A model's training record for publication: paths, such as that of the images, keep only their last part. */
async function publicRecord(directory: string): Promise<string> {
  const record = await readFile(join(directory, MODEL_PATHS.record), 'utf8')
  const withoutPath = (_: string, value: unknown) =>
    typeof value === 'string' && /[/\\]/.test(value) ? value.split(/[/\\]+/).findLast(Boolean) : value
  return JSON.stringify(JSON.parse(record, withoutPath), null, 2)
}

/** The worker reads a model from the index and a single file: each fetch less saves a millisecond of CPU. */
async function serveWhole(directory: string): Promise<ServedModel> {
  const all = await readFilesOf(directory)
  if ('preview' in all) return servePreview(directory, all)
  const { manifest, tables, ...files } = all
  const samples = sampleCount(manifest.input)
  const encoder = compileNetwork(files.encoder, { sizes: { inputs: samples, outputs: manifest.latent } })
  const decoder = compileNetwork(files.decoder, { sizes: { inputs: manifest.latent, outputs: samples } })
  const levelTables = splitTables(tables, manifest.levels.length)[manifest.defaultLevel]
  const searchCosts = new LevelTables(levelTables, manifest.latent).searchCosts()
  const parts = [levelTables, searchCosts, encoder.bytes, decoder.bytes]
  await writeFile(join(directory, SERVED_FILE), Buffer.concat(parts))
  return {
    ...manifest,
    networks: { encoder: encoder.plan, decoder: decoder.plan },
    bytes: {
      levelTables: levelTables.length,
      searchCosts: searchCosts.length,
      encoder: encoder.bytes.length,
      decoder: decoder.bytes.length,
    },
  }
}

/** For a preview: decoder.bin, then the encoder's weights. */
async function servePreview(directory: string, files: PreviewFiles): Promise<ServedModel> {
  const { manifest, preview } = files
  const sizes = { inputs: sampleCount(manifest.input), outputs: manifest.latent }
  const encoder = compileNetwork(files.encoder, { sizes })
  await writeFile(join(directory, SERVED_FILE), Buffer.concat([preview, encoder.bytes]))
  const bytes = { levelTables: 0, searchCosts: 0, encoder: encoder.bytes.length, decoder: preview.length }
  return { ...manifest, networks: { encoder: encoder.plan }, bytes }
}

/** Models for codes beyond a preview. */
async function copyGrids(directories: string[], out: string): Promise<void> {
  const found = directories.flatMap((directory) => listGridModels(directory))
  const manifests = await Promise.all(
    found.map(async (directory) => {
      const { manifest, decoder } = await readGridFiles(directory)
      const { record: _, ...served } = GRID_PATHS
      for (const path of Object.values(served))
        await cp(join(directory, path), join(out, manifest.name, path))
      await writeFile(join(out, manifest.name, EXPANDED_DECODER), packExpanded(readDecoder(decoder)))
      return manifest
    }),
  )
  await writeFile(join(out, 'grids.json'), JSON.stringify(manifests))
}

async function modelsIn(parent: string): Promise<string[]> {
  const entries = await readdir(parent, { withFileTypes: true }).catch(() => [])
  const directories = entries.filter((entry) => entry.isDirectory()).map((entry) => join(parent, entry.name))
  const whole = await Promise.all(
    directories.map(async (path) => (await readdir(path)).includes(MODEL_PATHS.manifest)),
  )
  return directories.filter((_, i) => whole[i])
}

if (import.meta.main) {
  const options = new Command('npm run build --')
    .description("Builds the page and the models' files that the worker serves.")
    .option(
      '--models <dir>',
      'holds one directory a model; default models/. May be given several times.',
      repeated,
    )
    .option('--out <dir>', 'where to', defaultAssets.out)
    .parse()
    .opts<{ models?: string[]; out: string }>()
  const request = { models: options.models ?? defaultAssets.models, out: options.out }
  const manifests = await buildAssets(request)
  if (manifests.length === 0)
    console.warn(`no models in ${request.models.join(', ')}: the service will respond with 404`)
  console.log(
    `built ${request.out} with models: ${manifests.map(({ name, id }) => `${name} (${id})`).join(', ') || 'none'}`,
  )
}
