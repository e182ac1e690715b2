/**
 * A grid training's state: 4 bytes length of the header, the header as JSON, then floats: variables, and Adam's two
 * moments.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import * as tf from '@tensorflow/tfjs'
import type { GridSettings, GridTrainer } from './fit-grid.ts'

interface Head {
  settings: GridSettings
  backend: string
  step: number
  seconds: number
  optimizerSteps: number
}

export async function writeGridCheckpoint(
  file: string,
  { variables, optimizer }: GridTrainer,
  head: Omit<Head, 'optimizerSteps'>,
): Promise<void> {
  const floats = await Promise.all(variables.map((v) => v.data<'float32'>()))
  for (const which of ['first', 'second'] as const)
    for await (const part of optimizer.moments(which)) floats.push(part)
  const text = Buffer.from(JSON.stringify({ ...head, optimizerSteps: optimizer.steps }))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(text.length)
  const bytes = floats.map((each) => Buffer.from(each.buffer, each.byteOffset, each.byteLength))
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(`${file}.part`, Buffer.concat([length, text, ...bytes]))
  renameSync(`${file}.part`, file)
}

/** Only the header; throws if there is no checkpoint. */
export function readGridHead(file: string): Head {
  if (!existsSync(file)) throw new Error(`nothing to resume: ${file} does not exist`)
  const bytes = readFileSync(file)
  return JSON.parse(bytes.toString('utf8', 4, 4 + bytes.readUInt32LE(0))) as Head
}

/** Restores a trainer, which must have the checkpoint's own settings. */
export function restoreGrid(file: string, { variables, optimizer }: GridTrainer): void {
  const { optimizerSteps } = readGridHead(file)
  const bytes = readFileSync(file)
  const start = bytes.byteOffset + 4 + bytes.readUInt32LE(0)
  const floats = new Float32Array(bytes.buffer.slice(start, bytes.byteOffset + bytes.length))
  const total = variables.reduce((sum, v) => sum + v.size, 0)
  if (floats.length !== 3 * total)
    throw new Error(
      `${file}: expected ${3 * total} floats, got ${floats.length}: it belongs to other networks, or is damaged`,
    )
  let at = 0
  for (const variable of variables) {
    tf.tidy(() => variable.assign(tf.tensor(floats.slice(at, at + variable.size), variable.shape)))
    at += variable.size
  }
  optimizer.restore({
    steps: optimizerSteps,
    moments: [floats.slice(total, 2 * total), floats.slice(2 * total)],
  })
}
