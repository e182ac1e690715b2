/** What differs between the modules of this repository and those of the npm package. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Plugin } from 'esbuild'
import { longFilesModule } from './long-files.ts'

const root = join(import.meta.dirname, '..', '..')

/** Modules that another one replaces. */
const REPLACED: Record<string, string> = {
  'node/installed-files.ts': 'package/packaged-files.ts',
  'node/tensorflow/layers-network.ts': 'package/no-layers-network.ts',
}

/** Made when the package is built. */
const LONG_FILES = 'package/long/long-files.ts'

/** Modules of worker threads are separate entries: `new URL('./x.ts', import.meta.url)` becomes ./x.js. */
const MODULE_URL = /new URL\('\.\/([\w-]+)\.ts', import\.meta\.url\)/g

export const packagedModules: Plugin = {
  name: 'packaged-modules',
  setup(build) {
    build.onLoad({ filter: /[\\/](node|cli|package)[\\/].*\.ts$/ }, async ({ path }) => {
      if (path.includes('node_modules')) return undefined
      const relative = path.slice(root.length + 1)
      if (relative === LONG_FILES) return { contents: await longFilesModule(), loader: 'js' }
      const source = await readFile(join(root, REPLACED[relative] ?? relative), 'utf8')
      return { contents: source.replace(MODULE_URL, "new URL('./$1.js', import.meta.url)"), loader: 'ts' }
    })
  },
}

/** For the script in one file: the decoder of long codes stays a separate file, loaded when a long code is drawn. */
export const longBeside: Plugin = {
  name: 'long-beside',
  setup(build) {
    build.onResolve({ filter: /\/long\/long\.ts$/ }, () => ({ path: './long.js', external: true }))
  },
}
