import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs'
import type { RunSettings } from './presets.ts'
import type { Trainer } from './step.ts'

/** Where a run stands: enough to continue to the same weights, as all randomness is keyed by (epoch, step). */
export interface Position {
  epoch: number // complete epochs
  step: number // complete steps of the epoch under way
  seconds: number // of training so far, over all sittings
  best: { epoch: number; loss: number } | null
}

interface Header {
  format: 1
  settings: RunSettings
  backend: string
  position: Position
  optimizerSteps: number
  variables: { name: string; shape: number[] }[]
}

export interface Checkpoint {
  settings: RunSettings
  backend: string
  position: Position
  /** Variables in the trainer's order, then Adam's two moments. */
  arrays: Float32Array[]
  optimizerSteps: number
}

/**
 * 4 bytes length of the header, the header as JSON, then the floats (32 bits, little-endian). Written beside its
 * place, flushed, and moved there: a killed run never leaves half a checkpoint.
 */
export async function writeCheckpoint(
  file: string,
  trainer: Trainer,
  settings: RunSettings,
  backend: string,
  position: Position,
): Promise<void> {
  const { steps, moments } = await trainer.optimizer.state()
  const arrays = [
    ...(await Promise.all(trainer.variables.map((v) => v.data()))),
    ...moments,
  ] as Float32Array[]
  const header: Header = {
    format: 1,
    settings,
    backend,
    position,
    optimizerSteps: steps,
    variables: trainer.variables.map(({ name, shape }) => ({ name, shape })),
  }
  const text = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(text.length)
  mkdirSync(join(file, '..'), { recursive: true })
  const out = openSync(`${file}.part`, 'w')
  for (const part of [length, text, ...arrays.map((a) => Buffer.from(a.buffer, a.byteOffset, a.byteLength))])
    writeSync(out, part)
  fsyncSync(out)
  closeSync(out)
  renameSync(`${file}.part`, file)
}

export function readCheckpoint(file: string): Checkpoint {
  if (!existsSync(file)) throw new Error(`nothing to resume: ${file} does not exist`)
  const bytes = readFileSync(file)
  const headerEnd = 4 + bytes.readUInt32LE(0)
  const header = JSON.parse(bytes.toString('utf8', 4, headerEnd)) as Header
  if (header.format !== 1)
    throw new Error(`${file}: checkpoint format ${header.format}, this version reads 1`)
  const sizes = header.variables.map(({ shape }) => shape.reduce((a, b) => a * b, 1))
  const total = sizes.reduce((a, b) => a + b, 0)
  const floats = new Float32Array(
    bytes.buffer.slice(bytes.byteOffset + headerEnd, bytes.byteOffset + bytes.length),
  )
  if (floats.length !== 3 * total)
    throw new Error(`${file}: expected ${3 * total} floats, got ${floats.length}: the file is damaged`)
  const arrays: Float32Array[] = []
  let at = 0
  for (const size of [...sizes, total, total]) {
    arrays.push(floats.slice(at, at + size))
    at += size
  }
  const { settings, backend, position, optimizerSteps } = header
  return { settings, backend, position, arrays, optimizerSteps }
}

/** Puts the variables and the optimizer's state of a checkpoint into a trainer built from its settings. */
export function restoreTrainer(trainer: Trainer, { arrays, optimizerSteps }: Checkpoint): void {
  setVariables(trainer.variables, arrays)
  const moments = arrays.slice(trainer.variables.length) as [Float32Array, Float32Array]
  trainer.optimizer.restore({ steps: optimizerSteps, moments })
}

export function setVariables(variables: tf.Variable[], arrays: Float32Array[]): void {
  variables.forEach((v, i) => {
    if (arrays[i]!.length !== v.size) throw new Error(`${v.name}: the checkpoint is of other networks`)
    tf.tidy(() => v.assign(tf.tensor(arrays[i]!, v.shape)))
  })
}
