import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import * as tf from '@tensorflow/tfjs'
import type { RunSettings } from './settings.ts'
import type { Trainer } from './step.ts'

/** How far a run has come. Enough to continue to the same weights, as all randomness is keyed by (epoch, step). */
export interface Position {
  epoch: number // complete epochs
  step: number // complete steps of the current epoch
  seconds: number // of training so far, over all sittings
  best: { epoch: number; loss: number } | null
}

/** What a run is, and how far it has come. */
interface RunState {
  settings: RunSettings
  backend: string
  position: Position
}

interface Header extends RunState {
  format: typeof FORMAT
  optimizerSteps: number
  variables: { name: string; shape: number[] }[]
}

/** Format 1 had its settings in one flat list. */
const FORMAT = 2

export interface Checkpoint extends RunState {
  /** Variables in the trainer's order, then Adam's two moments. */
  arrays: Float32Array[]
  optimizerSteps: number
}

/**
 * 4 bytes length of the header, the header as JSON, then the floats (32 bits, little-endian). Written to a temporary
 * file, flushed, and renamed, so a killed run never leaves half a checkpoint.
 */
export async function writeCheckpoint(file: string, trainer: Trainer, state: RunState): Promise<void> {
  const { optimizer } = trainer
  const header: Header = {
    format: FORMAT,
    ...state,
    optimizerSteps: optimizer.steps,
    variables: trainer.variables.map(({ name, shape }) => ({ name, shape })),
  }
  const text = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(text.length)
  mkdirSync(dirname(file), { recursive: true })
  const out = openSync(`${file}.part`, 'w')
  const write = (bytes: Uint8Array) => {
    for (let at = 0; at < bytes.length; ) at += writeSync(out, bytes, at)
  }
  write(length)
  write(text)
  // One variable at a time, so that the weights of large networks are not in memory twice.
  for (const variable of trainer.variables) write(bytesOf((await variable.data()) as Float32Array))
  for (const which of ['first', 'second'] as const)
    for await (const part of optimizer.moments(which)) write(bytesOf(part))
  fsyncSync(out)
  closeSync(out)
  renameSync(`${file}.part`, file)
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array) =>
  new Uint8Array(buffer, byteOffset, byteLength)

export function readCheckpoint(file: string): Checkpoint {
  if (!existsSync(file)) throw new Error(`nothing to resume: ${file} does not exist`)
  const { header, floats } = readParts(file)
  if (header.format !== FORMAT)
    throw new Error(`${file}: checkpoint format ${header.format}, this version reads ${FORMAT}`)
  const sizes = header.variables.map(({ shape }) => shape.reduce((a, b) => a * b, 1))
  const total = sizes.reduce((a, b) => a + b, 0)
  if (floats.byteLength !== 4 * 3 * total)
    throw damaged(file, `expected ${4 * 3 * total} bytes of weights, got ${floats.byteLength}`)
  const arrays: Float32Array[] = []
  let at = 0
  for (const size of [...sizes, total, total]) {
    arrays.push(new Float32Array(floats, 4 * at, size))
    at += size
  }
  const { settings, backend, position, optimizerSteps } = header
  return { settings, backend, position, arrays, optimizerSteps }
}

function readParts(file: string): { header: Header; floats: ArrayBuffer } {
  const input = openSync(file, 'r')
  try {
    const { size } = fstatSync(input)
    const headerBytes = size < 4 ? size : readBytes(input, 0, 4).readUInt32LE(0)
    if (4 + headerBytes > size) throw damaged(file, 'it ends within its header')
    const header = parseHeader(file, readBytes(input, 4, headerBytes).toString())
    return { header, floats: readBytes(input, 4 + headerBytes, size - 4 - headerBytes).buffer }
  } finally {
    closeSync(input)
  }
}

/** Reads into new memory, so that floats are aligned. */
function readBytes(input: number, position: number, length: number): Buffer<ArrayBuffer> {
  const bytes = Buffer.from(new ArrayBuffer(length))
  for (let at = 0; at < length; ) {
    const read = readSync(input, bytes, at, Math.min(length - at, 2 ** 30), position + at)
    if (read === 0) throw new Error('the file became shorter while it was read')
    at += read
  }
  return bytes
}

function parseHeader(file: string, text: string): Header {
  try {
    return JSON.parse(text) as Header
  } catch {
    throw damaged(file, 'its header is not JSON')
  }
}

const damaged = (file: string, what: string) =>
  new Error(`${file} is damaged or no checkpoint: ${what}. Start the run again without --resume.`)

/** Restores a checkpoint's variables and optimizer state in a trainer that was built from its settings. */
export function restoreTrainer(trainer: Trainer, { arrays, optimizerSteps }: Checkpoint): void {
  setVariables(trainer.variables, arrays)
  const moments = arrays.slice(trainer.variables.length) as [Float32Array, Float32Array]
  trainer.optimizer.restore({ steps: optimizerSteps, moments })
}

export function setVariables(variables: tf.Variable[], arrays: Float32Array[]): void {
  variables.forEach((v, i) => {
    if (arrays[i]?.length !== v.size) throw new Error(`${v.name}: the checkpoint belongs to other networks`)
    tf.tidy(() => v.assign(tf.tensor(arrays[i], v.shape)))
  })
}
