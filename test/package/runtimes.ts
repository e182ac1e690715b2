/** The runtimes, and the checks of a package, that `npm run setup:package` installs. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const modules = join(import.meta.dirname, 'runtimes', 'node_modules')

export interface Runtime {
  name: string
  command: string
  arguments: string[]
}

export const runtimes: Runtime[] = [
  ...['20', '22', '24'].map((version) => ({
    ...{ name: `Node ${version}`, command: join(modules, `node${version}`, 'bin', 'node'), arguments: [] },
  })),
  { name: 'Bun', command: join(modules, '.bin', 'bun'), arguments: ['run'] },
  { name: 'Deno', command: join(modules, '.bin', 'deno'), arguments: ['run', '--no-remote', '--allow-all'] },
]

export const publint = { name: 'publint', command: join(modules, '.bin', 'publint') }
export const typeCheck = { name: 'arethetypeswrong', command: join(modules, '.bin', 'attw') }

/** In CI an absent one is a failure. */
export function isMissing({ name, command }: Pick<Runtime, 'name' | 'command'>): boolean {
  if (existsSync(command)) return false
  if (process.env.CI) throw new Error(`${name} is missing: npm run setup:package`)
  console.log(`${name} is skipped: npm run setup:package installs it`)
  return true
}

/** Runs a script in a project; returns what it prints, as JSON. */
export async function runScript(runtime: Runtime, project: string, script: string): Promise<unknown> {
  const { stdout } = await promisify(execFile)(runtime.command, [...runtime.arguments, script], {
    cwd: project,
  })
  return JSON.parse(stdout)
}
