/** The package.json of the npm package. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

/** Source files of the entries, by the directory they are bundled into. */
export const entries = {
  node: [
    'package/latent64.ts',
    'package/cli.ts',
    'package/vite/vite.ts',
    'package/compress-worker.ts',
    'cli/jobs/task-worker.ts',
    'cli/placeholders/placeholders-worker.ts',
  ].map(named),
  web: [
    'package/decode/decode.ts',
    'package/long/long.ts',
    'package/element/element.ts',
    'package/html/html.ts',
    'package/react/react.ts',
    'package/latent64-elsewhere.ts',
  ].map(named),
  /** For a <script> without a bundler: a single request, and no chunk that would queue behind the page's photographs. */
  script: [{ in: 'package/element/element.ts', out: 'element.min' }],
}

/** Modules whose declarations are published. */
export const publicModules = [
  'package/latent64',
  'package/decode/decode',
  'package/long/long',
  'package/element/element',
  'package/html/html',
  'package/react/react',
  'package/vite/vite',
]

/** Declarations that are written by hand. */
export const ambientTypes = 'package/vite/client.d.ts'

/** Bundled by the site that uses them. */
export const externals = ['sharp', 'vite', 'react']

/** esbuild's form: the output is named as the source file, in no subdirectory. */
function named(path: string): { in: string; out: string } {
  return { in: path, out: path.split('/').at(-1)!.replace(/\.ts$/, '') }
}

const types = (name: string) => `./types/package/${name}.d.ts`

const exported = {
  '.': {
    types: types('latent64'),
    workerd: './web/latent64-elsewhere.js',
    browser: './web/latent64-elsewhere.js',
    node: './node/latent64.js',
    default: './node/latent64.js',
  },
  './decode': { types: types('decode/decode'), default: './web/decode.js' },
  './long': { types: types('long/long'), default: './web/long.js' },
  './element': { types: types('element/element'), default: './web/element.js' },
  './element.min.js': { types: types('element/element'), default: './web/element.min.js' },
  './html': { types: types('html/html'), default: './web/html.js' },
  './react': { types: types('react/react'), default: './web/react.js' },
  './vite': { types: types('vite/vite'), default: './node/vite.js' },
  './client': { types: './types/package/vite/client.d.ts' },
  './package.json': './package.json',
}

const peers = { sharp: '>=0.33', react: '>=18', vite: '>=5' }

export async function packageJson(): Promise<object> {
  const source = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  return {
    name: 'latent64',
    version: source.version,
    description: source.description,
    ...(source.repository && { repository: source.repository }),
    keywords: ['placeholder', 'lqip', 'blurhash', 'thumbhash', 'image', 'preview', 'codec'],
    license: source.license,
    type: 'module',
    engines: { node: '>=20.11' },
    bin: { latent64: 'node/cli.js' },
    exports: exported,
    sideEffects: ['./web/element.js', './web/element.min.js', './node/cli.js', './node/*-worker.js'],
    peerDependencies: peers,
    peerDependenciesMeta: Object.fromEntries(Object.keys(peers).map((name) => [name, { optional: true }])),
  }
}
