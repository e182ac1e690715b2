import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where `npm run setup:tensorflow` installs things, and how it records that. */
export const packageFolder = import.meta.dirname
export const venvFolder = join(import.meta.dirname, '../../.cache/tensorflow/venv')
const stampFile = join(import.meta.dirname, '../../.cache/tensorflow/setup.json')

export type Flavour = 'cpu' | 'cuda'

/** Written at the end of a successful setup; `key` changes with anything that the build depends on. */
interface Stamp {
  key: string
  flavour: Flavour
}

export function moduleName(flavour: Flavour): string {
  return flavour === 'cuda' ? '@tensorflow/tfjs-node-gpu' : '@tensorflow/tfjs-node'
}

export function moduleFolder(flavour: Flavour): string {
  return join(packageFolder, 'node_modules', moduleName(flavour))
}

export function bindingFile(flavour: Flavour): string {
  return join(moduleFolder(flavour), 'lib/napi-v8/tfjs_binding.node')
}

/** The stamp of a finished setup, if its files are still in place. */
export function readStamp(): Stamp | undefined {
  if (!existsSync(stampFile)) return undefined
  const stamp = JSON.parse(readFileSync(stampFile, 'utf8')) as Stamp
  const lib = join(moduleFolder(stamp.flavour), 'deps/lib')
  return existsSync(bindingFile(stamp.flavour)) && existsSync(lib) ? stamp : undefined
}

export { stampFile }
