import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { findPython, makeFolder } from '../../train/tensorflow/preflight.ts'

const venv = join(import.meta.dirname, '../../.cache/bench/venv')
const torch = 'torch==2.13.0'

/** A Python with PyTorch: $BENCH_PYTHON, or the bench's own virtual environment, made at the first use. */
export function pythonWithTorch(): string {
  if (process.env.BENCH_PYTHON) return process.env.BENCH_PYTHON
  const python = join(venv, 'bin/python')
  if (hasTorch(python)) return python
  console.error(`installing ${torch} in .cache/bench/venv (once; some hundred MB, several GB with CUDA)`)
  makeFolder(venv)
  execFileSync(findPython(), ['-m', 'venv', '--clear', venv], { stdio: 'inherit' })
  const install = ['-m', 'pip', 'install', '--disable-pip-version-check', '--quiet', torch, 'numpy']
  execFileSync(python, install, { stdio: ['ignore', 2, 2] })
  return python
}

function hasTorch(python: string): boolean {
  if (!existsSync(python)) return false
  try {
    execFileSync(python, ['-c', 'import torch, numpy'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
