import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Flavour } from './paths.ts'

/** Checks what setup needs from the machine. Each function throws a SetupError that says what to do. */
export class SetupError extends Error {
  override name = 'SetupError'
}

// The Pythons that have a wheel of TensorFlow 2.21 (requirements-*.txt).
const pythonMinors = [13, 12, 11, 10]
const needGiB: Record<Flavour, number> = { cpu: 3, cuda: 10 }

export function checkPlatform(platform = process.platform): void {
  if (platform === 'linux' || platform === 'darwin') return
  throw new SetupError(
    `the tensorflow backend builds on Linux and macOS, not on ${platform}. ` +
      'On Windows use WSL, or train with --backend webgpu (npm run setup:webgpu).',
  )
}

/** An NVIDIA GPU whose driver responds. */
export function detectFlavour(): Flavour {
  if (process.platform !== 'linux') return 'cpu'
  const probe = spawnSync('nvidia-smi', ['-L'], { encoding: 'utf8' })
  return probe.status === 0 && probe.stdout.includes('GPU') ? 'cuda' : 'cpu'
}

function pythonVersion(command: string): string | undefined {
  const probe = spawnSync(command, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], {
    encoding: 'utf8',
  })
  return probe.status === 0 ? probe.stdout.trim() : undefined
}

/** The command of a Python that TensorFlow has wheels for: $PYTHON if set, else the first that fits. */
export function findPython(env: NodeJS.ProcessEnv = process.env): string {
  const fitting = pythonMinors.map((minor) => `3.${minor}`)
  const candidates = env.PYTHON ? [env.PYTHON] : ['python3', ...fitting.map((v) => `python${v}`), 'python']
  const seen: string[] = []
  for (const command of candidates) {
    const version = pythonVersion(command)
    if (version && fitting.includes(version)) return requireVenv(command, version)
    if (version) seen.push(`${command} is ${version}`)
  }
  const found = seen.length > 0 ? seen.join(', ') : `none of ${candidates.join(', ')} runs`
  throw new SetupError(
    `TensorFlow 2.21 needs Python ${fitting.at(-1)} to ${fitting[0]}; here ${found}. ` +
      'Install one (apt install python3 python3-venv, brew install python@3.12, uv python install 3.12) ' +
      'and name it, if it is not on PATH: PYTHON=/path/to/python3.12 npm run setup:tensorflow',
  )
}

function requireVenv(command: string, version: string): string {
  const probe = spawnSync(command, ['-c', 'import venv, ensurepip'], { encoding: 'utf8' })
  if (probe.status === 0) return command
  throw new SetupError(
    `${command} (${version}) cannot make virtual environments: its venv or ensurepip module is missing. ` +
      `On Debian and Ubuntu: apt install python${version}-venv`,
  )
}

/** The command of a C++17 compiler: $CXX if set, else g++ or clang++. */
export function findCompiler(env: NodeJS.ProcessEnv = process.env): string {
  const candidates = env.CXX ? [env.CXX] : ['g++', 'clang++', 'c++']
  for (const command of candidates) {
    if (spawnSync(command, ['--version']).status === 0) return command
  }
  throw new SetupError(
    `no C++ compiler: none of ${candidates.join(', ')} runs. Install one (apt install g++, dnf install gcc-c++, ` +
      'xcode-select --install), or name it: CXX=/path/to/g++ npm run setup:tensorflow',
  )
}

export function checkDisk(folder: string, flavour: Flavour, gib = needGiB[flavour]): void {
  let existing = folder
  while (!existsSync(existing)) existing = dirname(existing)
  const { bavail, bsize } = statfsSync(existing)
  const freeGiB = (bavail * bsize) / 2 ** 30
  if (freeGiB >= gib) return
  throw new SetupError(
    `TensorFlow (${flavour}) needs ${gib} GiB of disk while it installs; ` +
      `${freeGiB.toFixed(1)} GiB are free under ${existing}. Free some, or make .cache/tensorflow a link to a larger disk.`,
  )
}

export function makeFolder(folder: string): void {
  mkdirSync(folder, { recursive: true })
}
