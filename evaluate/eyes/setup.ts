/** `npm run setup:eyes`: sets up what eyes.ts scores with, a Python venv (.cache/eyes/venv), and looks for Butteraugli. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')
const venv = join(root, '.cache', 'eyes', 'venv')
const python = join(venv, 'bin', 'python')

function run(command: string, args: string[]): void {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' })
  if (status === 0) return
  console.error(`${command} ${args.join(' ')}: ${error?.message ?? `exit status ${status}`}`)
  process.exit(1)
}

mkdirSync(dirname(venv), { recursive: true })
if (!existsSync(python)) run(process.env.PYTHON ?? 'python3', ['-m', 'venv', venv])
run(python, ['-m', 'pip', 'install', '--quiet', '-r', join(import.meta.dirname, 'requirements.txt')])
run(python, ['-c', 'import numpy, scipy, PIL, ssimulacra2'])
if (spawnSync('butteraugli_main').error) {
  console.error(
    'butteraugli_main is missing: apt-get install libjxl-devtools, or build libjxl with its tools',
  )
  process.exit(1)
}
console.log('ready: node evaluate/eyes/eyes.ts --data FOLDER')
