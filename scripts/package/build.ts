/**
 * `npm run package`: builds dist/package, ready for `npm publish`.
 *
 *     package.json, README.md, LICENSE, THIRD-PARTY.txt
 *     node/     the Node API, the CLI, the Vite plugin; their dependencies bundled
 *     web/      what runs everywhere: decode, element, html and the React component
 *     types/    declarations
 *     models/   the default model, the default before it, and the one for codes beyond a preview
 *     wasm/     the kernels, and libwebp
 */
import { existsSync } from 'node:fs'
import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import {
  drawWasmPath,
  gridWasmPaths,
  jpegScanWasmPath,
  libwebpPath,
  ownWasmPath,
  SHIPPED_MODELS,
  simdWasmPath,
} from '../../node/installed-files.ts'
import { GRID_PATHS } from '../../shared/grid/grid-manifest.ts'
import { MODEL_PATHS } from '../../shared/manifest.ts'
import { emitDeclarations } from './declarations.ts'
import { ambientTypes, entries, externals, packageJson } from './manifest.ts'
import { longBeside, packagedModules } from './packaged-modules.ts'
import { thirdPartyNotices } from './third-party.ts'

const root = join(import.meta.dirname, '..', '..')
const packageDirectory = join(root, 'dist', 'package')

/** The shipped models that the package contains. */
const MODELS = ['preview', 'preview-0', 'grid']

export async function buildPackage(out = packageDirectory): Promise<void> {
  await rm(out, { recursive: true, force: true })
  await mkdir(out, { recursive: true })
  const inputs = await bundle(out)
  await emitDeclarations(out)
  await cp(join(root, ambientTypes), join(out, 'types', ambientTypes))
  await copyModels(join(out, 'models'))
  await copyWasm(join(out, 'wasm'))
  await cp(join(root, 'LICENSE'), join(out, 'LICENSE'))
  await cp(join(root, 'package', 'README.md'), join(out, 'README.md'))
  await writeFile(join(out, 'THIRD-PARTY.txt'), await thirdPartyNotices(inputs))
  await writeFile(join(out, 'package.json'), `${JSON.stringify(await packageJson(), null, 2)}\n`)
}

/** Returns the source files that went in. */
async function bundle(out: string): Promise<string[]> {
  const common = {
    ...({ bundle: true, splitting: true, format: 'esm', metafile: true, logLevel: 'warning' } as const),
    ...{ absWorkingDir: root, plugins: [packagedModules], legalComments: 'none' as const },
  }
  const node = await build({
    ...common,
    ...{ entryPoints: entries.node, outdir: join(out, 'node'), platform: 'node', target: 'node20' },
    external: externals,
    // Bundled CommonJS (commander, cli-progress) loads Node's modules by require().
    banner: {
      js: "import { createRequire as ___require } from 'node:module'; const require = ___require(import.meta.url);",
    },
  })
  const web = await build({
    ...common,
    ...{ entryPoints: entries.web, outdir: join(out, 'web'), platform: 'neutral', target: 'es2022' },
    external: externals,
  })
  await build({
    ...{ ...common, splitting: false, minify: true, plugins: [longBeside, packagedModules] },
    ...{ entryPoints: entries.script, outdir: join(out, 'web'), platform: 'neutral', target: 'es2022' },
  })
  return [...Object.keys(node.metafile.inputs), ...Object.keys(web.metafile.inputs)]
}

/** The files that compressing and decompressing read: decoder.bin of a preview, tables and a network of other models. */
async function copyModels(out: string): Promise<void> {
  const { manifest, tables, preview, encoder, decoder } = MODEL_PATHS
  const files = [
    manifest,
    tables,
    preview,
    ...[encoder, decoder].flatMap(({ topology, weights }) => [topology, weights]),
    ...[GRID_PATHS.manifest, GRID_PATHS.encoder, GRID_PATHS.decoder],
  ]
  for (const model of MODELS)
    for (const file of files) {
      const from = join(SHIPPED_MODELS, model, file)
      if (existsSync(from)) await cp(from, join(out, model, file))
    }
}

async function copyWasm(out: string): Promise<void> {
  for (const path of [
    simdWasmPath,
    ownWasmPath,
    ...Object.values(gridWasmPaths),
    drawWasmPath,
    jpegScanWasmPath,
    libwebpPath,
  ])
    await cp(path, join(out, path.split('/').at(-1)!))
}

if (import.meta.main) {
  await buildPackage()
  console.log(`built ${packageDirectory}: npm publish ${packageDirectory}, or npm pack ${packageDirectory}`)
}
