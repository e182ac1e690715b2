/** `npm run setup:tensorflow`: @tensorflow/tfjs-node(-gpu), linked against the TensorFlow that pip installs.
 *
 * tfjs-node's own install script downloads a TensorFlow of 2022 (CUDA 11.2, no Apple silicon). Its binding only needs
 * TensorFlow's C API, which the shared libraries in current wheels export. So pip installs the libraries and headers,
 * npm the JavaScript (without scripts), and the binding is compiled against them.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import {
  bindingFile,
  type Flavour,
  moduleFolder,
  packageFolder,
  readStamp,
  stampFile,
  venvFolder,
} from './paths.ts'
import {
  checkDisk,
  checkPlatform,
  detectFlavour,
  findCompiler,
  findPython,
  makeFolder,
  SetupError,
} from './preflight.ts'

const help = `npm run setup:tensorflow [-- --force] [-- --cpu]

Installs the tensorflow training backend: TensorFlow from pip in .cache/tensorflow/venv (the CUDA one if
nvidia-smi finds a GPU), tfjs-node from npm in train/tensorflow, and compiles the binding between them.

  --cpu     the CPU build, even if there is an NVIDIA GPU
  --force   from the start, even if it is already set up
  PYTHON    the Python to use (3.10 to 3.13)     CXX   the C++17 compiler to use
`

function run(title: string, command: string, args: string[], cwd: string, remedy: string): void {
  console.log(`- ${title}`)
  const child = spawnSync(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] })
  if (child.status !== 0)
    throw new SetupError(`${title} failed (${child.error?.message ?? `exit ${child.status}`}). ${remedy}`)
}

/** Changes with anything that the installed files depend on. */
function setupKey(flavour: Flavour): string {
  const hash = createHash('sha256').update(`${flavour} ${process.platform} ${process.arch}`)
  for (const name of ['package-lock.json', `requirements-${flavour}.txt`])
    hash.update(readFileSync(join(packageFolder, name)))
  return hash.digest('hex').slice(0, 16)
}

function installTensorFlow(python: string, flavour: Flavour): void {
  checkDisk(venvFolder, flavour)
  makeFolder(dirname(venvFolder))
  run(
    'making a virtual environment',
    python,
    ['-m', 'venv', '--clear', venvFolder],
    packageFolder,
    `Does ${python} -m venv work?`,
  )
  // Only the libraries and headers are used, so without CUDA the wheel's Python dependencies are not installed.
  const bare = flavour === 'cpu' ? ['--no-deps'] : []
  const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-compile', ...bare]
  run(
    `installing TensorFlow (${flavour}) with pip: ${flavour === 'cpu' ? '0.3' : '3'} GB to download`,
    join(venvFolder, 'bin/python'),
    [...pip, '-r', `requirements-${flavour}.txt`],
    packageFolder,
    'If pip found no network, set its index or proxy (PIP_INDEX_URL, HTTPS_PROXY); if it found no matching wheel, ' +
      'this machine or Python has none: try PYTHON=python3.12.',
  )
}

/** site-packages/tensorflow of the venv. */
function tensorFlowFolder(): string {
  const lib = join(venvFolder, 'lib')
  const version = readdirSync(lib).find((name) => name.startsWith('python3'))
  if (!version) throw new SetupError(`no site-packages under ${lib}; run again with --force`)
  return join(lib, version, 'site-packages/tensorflow')
}

function installNodePackages(): void {
  const remedy = 'Is the npm registry reachable (npm ping)?'
  run(
    'installing tfjs-node with npm',
    'npm',
    ['ci', '--ignore-scripts', '--no-audit', '--no-fund'],
    packageFolder,
    remedy,
  )
}

function linkTensorFlow(flavour: Flavour): void {
  const deps = join(moduleFolder(flavour), 'deps')
  rmSync(deps, { recursive: true, force: true })
  mkdirSync(deps, { recursive: true })
  symlinkSync(join(tensorFlowFolder(), 'include'), join(deps, 'include'))
  // A link to the folder and not to its files, so that the libraries' own runpath ($ORIGIN/../nvidia/...) works.
  symlinkSync(tensorFlowFolder(), join(deps, 'lib'))
}

function compileBinding(compiler: string, flavour: Flavour): void {
  mkdirSync(dirname(bindingFile(flavour)), { recursive: true })
  const headers = join(packageFolder, 'node_modules/node-api-headers/include')
  const compile = [
    '-std=c++17',
    '-O2',
    '-fPIC',
    '-shared',
    '-DNAPI_VERSION=8',
    '-I.',
    '-Ideps/include',
    `-I${headers}`,
  ]
  const libraries =
    process.platform === 'darwin'
      ? [
          'deps/lib/libtensorflow_cc.2.dylib',
          'deps/lib/libtensorflow_framework.2.dylib',
          '-undefined',
          'dynamic_lookup',
          '-Wl,-rpath,@loader_path/../../deps/lib',
        ]
      : [
          '-Ldeps/lib',
          '-l:libtensorflow_cc.so.2',
          '-l:libtensorflow_framework.so.2',
          '-Wl,-rpath,$ORIGIN/../../deps/lib',
        ]
  const sources = ['binding/tfjs_backend.cc', 'binding/tfjs_binding.cc']
  const remedy = `A C++17 compiler is needed (g++ 8 or clang 7 and later): CXX=/path/to/one. ${compiler} was used.`
  run(
    'compiling the binding',
    compiler,
    [...compile, ...sources, '-o', bindingFile(flavour), ...libraries],
    moduleFolder(flavour),
    remedy,
  )
}

/** In another process, as a library that does not load may crash it, and must not leave a stamp. */
function verify(flavour: Flavour): void {
  const code = `import { loadTensorFlow } from '../backends/load-tensorflow.ts'; await loadTensorFlow('${flavour}')`
  const args = ['--no-warnings', '--input-type=module', '-e', code]
  run(
    'loading it',
    process.execPath,
    args,
    packageFolder,
    'Run again with --force; the lines above say what did not load.',
  )
}

function setup(force: boolean, flavour: Flavour): void {
  const key = setupKey(flavour)
  if (!force && readStamp()?.key === key) {
    console.log(`TensorFlow (${flavour}) is set up: npm run train -- --backend tensorflow`)
    return
  }
  checkPlatform()
  const python = findPython()
  const compiler = findCompiler()
  rmSync(stampFile, { force: true })
  installTensorFlow(python, flavour)
  installNodePackages()
  linkTensorFlow(flavour)
  compileBinding(compiler, flavour)
  verify(flavour)
  writeFileSync(stampFile, `${JSON.stringify({ key, flavour })}\n`)
  console.log('done: npm run train -- --backend tensorflow')
}

const { values } = parseArgs({
  options: { force: { type: 'boolean' }, cpu: { type: 'boolean' }, help: { type: 'boolean' } },
})
if (values.help) console.log(help)
else {
  try {
    setup(values.force ?? false, values.cpu ? 'cpu' : detectFlavour())
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    console.error(`setup:tensorflow: ${error.message}`)
    process.exitCode = 1
  }
}
