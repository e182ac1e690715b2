/** Once for all tests of the package: it is built, packed, and installed into an empty project. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'
import { buildPackage } from '../../scripts/package/build.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The built directory, its tarball, and a project that has nothing but the tarball installed. */
    built: string
    tarball: string
    project: string
  }
}

export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'latent64-package-'))
  const built = join(directory, 'built')
  await buildPackage(built)
  const run = promisify(execFile)
  const { stdout } = await run('npm', ['pack', '--silent', built], { cwd: directory })
  const tarball = join(directory, stdout.trim())
  const project = join(directory, 'project')
  await rm(project, { recursive: true, force: true })
  await run('mkdir', [project])
  await writeFile(join(project, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  await run('npm', ['install', '--silent', '--offline', tarball], { cwd: project })
  provide('built', built)
  provide('tarball', tarball)
  provide('project', project)
  return () => rm(directory, { recursive: true, force: true })
}
