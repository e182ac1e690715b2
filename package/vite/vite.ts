/**
 * `latent64/vite`: imports a photograph together with what a page shows until it has loaded.
 *
 *     import cat from './cat.jpg?latent64'    // { src, code, width, height, color, dataURL }
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Plugin } from 'vite'
import {
  contentHasher,
  type Placeholder,
  type PlaceholderOptions,
  placeholderOf,
} from '../../cli/placeholders/placeholder.ts'
import { readBytes } from '../../node/atomic-write.ts'

const QUERY = /\?(?:[^#]*&)?latent64(?:&|$)/

/** options: `maxBytes` of a code, and `model`. Results are kept in Vite's cache directory, by the files' content. */
export default function latent64(options: PlaceholderOptions = {}): Plugin {
  const hashOf = contentHasher(options)
  let cache: string
  return {
    name: 'latent64',
    enforce: 'pre',
    configResolved(config) {
      cache = join(config.cacheDir, 'latent64')
    },
    async load(id) {
      if (!QUERY.test(id)) return undefined
      const file = id.slice(0, id.indexOf('?'))
      this.addWatchFile(file)
      const bytes = await readBytes(file)
      const placeholder = await cached(join(cache, `${hashOf(bytes)}.json`), () =>
        placeholderOf(bytes, options),
      )
      const url = JSON.stringify(`${file}?url`)
      return `import src from ${url}\nexport default { src, ...${JSON.stringify(placeholder)} }\n`
    },
  }
}

async function cached(path: string, compute: () => Promise<Placeholder>): Promise<Placeholder> {
  const known = await readFile(path, 'utf8').catch(() => undefined)
  if (known !== undefined) return JSON.parse(known)
  const placeholder = await compute()
  await mkdir(join(path, '..'), { recursive: true })
  await writeFile(path, JSON.stringify(placeholder))
  return placeholder
}
