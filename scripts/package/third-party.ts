/** The licences of bundled packages. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

/** inputs: esbuild's, paths from the root. */
export async function thirdPartyNotices(inputs: string[]): Promise<string> {
  const packages = new Set(['@tensorflow/tfjs-backend-wasm', '@jsquash/webp']) // their .wasm files are copied
  for (const input of inputs) {
    const [, name] = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input) ?? []
    if (name !== undefined) packages.add(name)
  }
  const notices = await Promise.all([...packages].sort().map(notice))
  return notices.join(`\n${'-'.repeat(80)}\n\n`)
}

async function notice(name: string): Promise<string> {
  const directory = join(root, 'node_modules', name)
  const { version, license } = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8'))
  const file = (await readdir(directory)).find((each) => /^licen[cs]e/i.test(each))
  const text = file === undefined ? '' : await readFile(join(directory, file), 'utf8')
  return `${name} ${version} (${license})\n\n${text}`
}
