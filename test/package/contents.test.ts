import { execFile } from 'node:child_process'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, inject, test } from 'vitest'
import { isMissing, publint, typeCheck } from './runtimes.ts'

const run = promisify(execFile)
const files = (directory: string) => readdir(directory, { recursive: true })

test('the tarball has at most 6 MB, nearly all of them the default model', async () => {
  expect((await stat(inject('tarball'))).size).toBeLessThan(6e6)
  // web/long.js holds a model too
  const code = (await files(inject('built'))).filter((file) => /(?<!long)\.js$/.test(file))
  const sizes = await Promise.all(code.map(async (file) => (await stat(join(inject('built'), file))).size))
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(900_000)
})

test('it holds no TypeScript but declarations, and nothing of training, the page or evaluation', async () => {
  const names = await files(inject('built'))
  expect(names.filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))).toEqual([])
  expect(names.filter((name) => /train|evaluate|page/.test(name))).toEqual([])
})

test('nothing runs when it is installed, and it brings no other package', async () => {
  const { scripts, dependencies, peerDependenciesMeta } = JSON.parse(
    await readFile(join(inject('built'), 'package.json'), 'utf8'),
  )
  expect({ scripts, dependencies }).toEqual({})
  expect(peerDependenciesMeta.sharp).toEqual({ optional: true })
  expect(await readdir(join(inject('project'), 'node_modules'))).toEqual([
    '.bin',
    '.package-lock.json',
    'latent64',
  ])
})

test('declarations mention no package that is not there', async () => {
  for (const name of (await files(inject('built'))).filter((file) => file.endsWith('.d.ts'))) {
    const text = await readFile(join(inject('built'), name), 'utf8')
    const imported = [...text.matchAll(/^(?:import|export) [^'"]*from ['"]([^'"]+)['"]/gm)].map(
      ([, from]) => from!,
    )
    expect(
      imported.filter((from) => !/^\.{1,2}\/.*\.js$/.test(from) && !OPTIONAL_PEERS.includes(from)),
      name,
    ).toEqual([])
  }
})

test("TypeScript knows LatentImage, the element in React's JSX, and what the Vite plugin imports", async () => {
  const project = inject('project')
  const modules = join(import.meta.dirname, '..', '..', 'node_modules')
  await writeFile(
    join(project, 'page.tsx'),
    `/// <reference types="latent64/client" />
    import 'latent64/element'
    import { LatentImage } from 'latent64/react'
    import cat from './cat.jpg?latent64'
    const image = <img src={cat.src} width={cat.width} height={cat.height} alt="" />
    export const page = [<LatentImage code={cat.code} />, <latent-image code={cat.code}>{image}</latent-image>]
    // @ts-expect-error: a code is text
    export const wrong = <latent-image code={1} />`,
  )
  const paths = { 'react*': [`${modules}/@types/react*`], csstype: [`${modules}/csstype`] }
  const compilerOptions = {
    ...{ strict: true, noEmit: true, module: 'esnext', moduleResolution: 'bundler', target: 'es2022' },
    ...{ jsx: 'react-jsx', types: [], paths },
  }
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['page.tsx'] }))
  await run(process.execPath, [join(modules, 'typescript', 'bin', 'tsc'), '-p', project])
})

/** Peers of entries that are of no use without them. */
const OPTIONAL_PEERS = ['react', 'vite']

test.skipIf(isMissing(publint))('publint finds nothing', async () => {
  await run(publint.command, ['--strict', inject('built')])
})

test.skipIf(isMissing(typeCheck))(
  'its types are those that its modules have (arethetypeswrong)',
  async () => {
    await run(typeCheck.command, [inject('tarball'), '--profile', 'esm-only'])
  },
)
