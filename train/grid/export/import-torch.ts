/** Weights that train/grid/torch/train.py wrote -> this project's order: kernels HWIO, blocks in (dy, dx, channel). */
import { readFileSync } from 'node:fs'
import {
  kernelLength,
  LAYERS,
  type LayerShape,
  type TrainedName,
  weightCount,
} from '../../../shared/grid/networks/layer-shapes.ts'

interface TorchIndex {
  weights: { name: string; shape: number[]; offset: number }[]
}

type Shuffled = Partial<Record<TrainedName, [channels: number, factor: number]>>

/** Channels that PyTorch's pixel_(un)shuffle orders as (channel, dy, dx): how many channels, and the factor. */
const SHUFFLED_INPUTS: Shuffled = { 'enc.linear': [3, 16], 'enc.lowest': [3, 16] }
const SHUFFLED_OUTPUTS: Shuffled = {
  'dec.linear': [3, 16],
  'dec.lowest': [3, 16],
  'dec.last': [3, 4],
}

/** `base`.json and `base`.bin -> all layers' weights in the order of LAYERS, kernel then bias. */
export function readTorchWeights(base: string): Float32Array {
  const { weights: index } = JSON.parse(readFileSync(`${base}.json`, 'utf8')) as TorchIndex
  const file = readFileSync(`${base}.bin`)
  const floats = new Float32Array(file.buffer.slice(file.byteOffset, file.byteOffset + file.length))
  const read = (name: string) => {
    const found = index.find((entry) => entry.name === name)
    if (!found) throw new Error(`${base}.json has no ${name}`)
    return floats.subarray(found.offset / 4, found.offset / 4 + found.shape.reduce((a, b) => a * b, 1))
  }
  const all = new Float32Array(weightCount(LAYERS))
  let at = 0
  for (const [name, shape] of Object.entries(LAYERS) as [TrainedName, LayerShape][]) {
    all.set(kernelOf(read(`${name}.weight`), name, shape), at)
    at += kernelLength(shape)
    if (!shape.bias) continue
    const bias = read(`${name}.bias`)
    const outputs = ordered(shape.outputs, SHUFFLED_OUTPUTS[name])
    for (let o = 0; o < shape.outputs; o++) all[at + o] = bias[outputs[o]]
    at += shape.outputs
  }
  return all
}

/** What the PyTorch run recorded about itself. */
export function readTorchRecord(base: string): object {
  const { weights: _, ...record } = JSON.parse(readFileSync(`${base}.json`, 'utf8')) as TorchIndex
  return record
}

/** Three matrices [BLOCK_SAMPLES][CHANNELS], and what oriented.py recorded about itself. */
export function readOriented(base: string): { matrices: Float32Array; record: object } {
  const { buffer, byteOffset, length } = readFileSync(`${base}.bin`)
  return {
    matrices: new Float32Array(buffer.slice(byteOffset, byteOffset + length)),
    record: JSON.parse(readFileSync(`${base}.json`, 'utf8')) as object,
  }
}

/** [out, in, h, w] -> [h, w, in, out] */
function kernelOf(
  torch: Float32Array,
  name: TrainedName,
  { size, inputs, outputs }: LayerShape,
): Float32Array {
  const kernel = new Float32Array(torch.length)
  const [fromInput, fromOutput] = [
    ordered(inputs, SHUFFLED_INPUTS[name]),
    ordered(outputs, SHUFFLED_OUTPUTS[name]),
  ]
  for (let position = 0, at = 0; position < size * size; position++)
    for (let i = 0; i < inputs; i++)
      for (let o = 0; o < outputs; o++)
        kernel[at++] = torch[(fromOutput[o] * inputs + fromInput[i]) * size * size + position]
  return kernel
}

/** For each of our channels, PyTorch's. */
function ordered(count: number, shuffled?: [channels: number, factor: number]): number[] {
  const order = Array.from({ length: count }, (_, i) => i)
  if (!shuffled) return order
  const [channels, factor] = shuffled
  for (let position = 0; position < factor * factor; position++)
    for (let c = 0; c < channels; c++) order[position * channels + c] = c * factor * factor + position
  return order
}
