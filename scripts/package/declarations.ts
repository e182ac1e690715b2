/** The .d.ts files of the package's entries, and of the modules they mention. */
import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { publicModules } from './manifest.ts'

const root = join(import.meta.dirname, '..', '..')
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')

export async function emitDeclarations(out: string): Promise<void> {
  const all = await mkdtemp(join(tmpdir(), 'latent64-types-'))
  try {
    await compile(all)
    for (const file of await reachable(all, publicModules))
      await copyDeclaration(all, join(out, 'types'), file)
  } finally {
    await rm(all, { recursive: true, force: true })
  }
}

async function compile(out: string): Promise<void> {
  const base = JSON.parse(await readFile(join(root, 'tsconfig.json'), 'utf8'))
  const compilerOptions = {
    ...base.compilerOptions,
    ...{ noEmit: false, declaration: true, emitDeclarationOnly: true, rootDir: root, outDir: out },
    typeRoots: [join(root, 'node_modules', '@types')],
  }
  const config = join(root, `tsconfig.package-${process.pid}.json`)
  const files = publicModules.map((module) => join(root, `${module}.ts`))
  await writeFile(config, JSON.stringify({ compilerOptions, files }))
  try {
    await promisify(execFile)(process.execPath, [tsc, '-p', config])
  } catch (error) {
    throw new Error(`tsc: ${(error as { stdout: string }).stdout}`)
  } finally {
    await rm(config)
  }
}

const IMPORTED = /(?:from|import\() ?['"](\.[^'"]+)\.ts['"]/g

/** `modules` (paths from the root, without extension) and all modules that their declarations import. */
async function reachable(all: string, modules: string[]): Promise<Set<string>> {
  const found = new Set<string>()
  const visit = async (module: string) => {
    if (found.has(module)) return
    found.add(module)
    const text = await readFile(join(all, `${module}.d.ts`), 'utf8')
    for (const [, imported] of text.matchAll(IMPORTED)) await visit(join(dirname(module), imported!))
  }
  for (const module of modules) await visit(module)
  return found
}

/** tsc leaves the extension .ts in declarations' imports; consumers want .js. */
async function copyDeclaration(from: string, to: string, module: string): Promise<void> {
  const text = await readFile(join(from, `${module}.d.ts`), 'utf8')
  await cp(join(from, `${module}.d.ts`), join(to, `${module}.d.ts`))
  await writeFile(
    join(to, `${module}.d.ts`),
    text.replace(IMPORTED, (found) => found.replace(/\.ts(['"])$/, '.js$1')),
  )
}
