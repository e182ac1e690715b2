/** The package.json of the npm package. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

/** Source files of the entries, by the directory they are bundled into. */
export const entries = {
  node: [
    'package/latent64.ts',
    'package/cli.ts',
    'package/compress-worker.ts',
    'cli/jobs/task-worker.ts',
  ].map(named),
  web: [].map(named),
}

/** Modules whose declarations are published. */
export const publicModules = ['package/latent64']

/** esbuild's form: the output is named as the source file, in no subdirectory. */
function named(path: string): { in: string; out: string } {
  return { in: path, out: path.split('/').at(-1)!.replace(/\.ts$/, '') }
}

const types = (name: string) => `./types/package/${name}.d.ts`

export async function packageJson(): Promise<object> {
  const source = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  return {
    name: 'latent64',
    version: source.version,
    description: source.description,
    keywords: ['placeholder', 'lqip', 'blurhash', 'thumbhash', 'image', 'preview', 'codec'],
    license: source.license,
    type: 'module',
    engines: { node: '>=20.11' },
    bin: { latent64: 'node/cli.js' },
    exports: {
      '.': { types: types('latent64'), default: './node/latent64.js' },
      './package.json': './package.json',
    },
    sideEffects: false,
    peerDependencies: { sharp: '>=0.33' },
    peerDependenciesMeta: { sharp: { optional: true } },
  }
}
