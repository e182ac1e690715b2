/**
 * Compiles a network: its layers become a flat list of kernel calls, its weights the bytes they have in wasm memory.
 * Done once, when a model is built into the service; a plan is plain JSON.
 */

import { type LayerGraph, LayersFormatError, readGraph } from './layers/layer-graph.ts'
import { type PackHalves, product, readWeights, type Weight } from './layers/layer-weights.ts'
import type { LayersFile, LayersJson } from './layers/layers-file.ts'
import { type BufferPlan, placeBuffers } from './memory/place-buffers.ts'
import { type PlacedWeight, placeWeights } from './memory/place-weights.ts'
import { lowerLayer, whyUnsupported } from './steps/layer-steps.ts'
import { argumentsOf, type Step, type StepList, type Value } from './steps/steps.ts'

export interface NetworkPlan {
  steps: Step[]
  input: Value
  output: Value
  buffers: BufferPlan
  /** In the order in which their bytes follow one another. */
  weights: PlacedWeight[]
}

export function unsupportedOps(topology: LayersJson): string[] {
  return readGraph(topology).nodes.flatMap((node) => whyUnsupported(node) ?? [])
}

/** Floats that a layer may return per image: 256 x 256 with 128 channels. It bounds models from elsewhere. */
const MAX_LAYER_FLOATS = 2 ** 23
/** Multiplications and additions per image: some seconds of work. */
const MAX_MACS = 2 ** 33

/** Numbers per image that go in and come out, by the manifest. */
export interface NetworkSizes {
  inputs: number
  outputs: number
}

/**
 * `ownDense` false: Dense layers use the backend's kernel too. Throws LayersFormatError and UnsupportedOpError. No
 * memory in proportion to the network is allocated before its sizes are known to match its weights and `sizes`.
 */
export function compileNetwork(
  file: LayersFile,
  { ownDense = true, sizes, pack }: { ownDense?: boolean; sizes?: NetworkSizes; pack?: PackHalves } = {},
): { plan: NetworkPlan; bytes: Uint8Array } {
  const weights = readWeights(file, pack)
  const lowered = lowerGraph(readGraph(file.topology), weights, ownDense)
  checkSizes(lowered, sizes)
  const { placed, bytes } = placeWeights(weights, weightsInPanels(lowered.steps))
  return { plan: { ...lowered, weights: placed }, bytes }
}

function lowerGraph(
  graph: LayerGraph,
  weights: Map<string, Weight>,
  ownDense: boolean,
): Omit<NetworkPlan, 'weights'> {
  const floats: number[] = []
  const list: StepList = {
    steps: [],
    weights,
    ownDense,
    newValue: (shape) => ({ buffer: floats.push(layerFloats(shape)) - 1, shape }),
  }
  const input = list.newValue(graph.inputShape)
  const values = new Map<string, Value>()
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => values.get(name)!)
    values.set(node.name, node.name === graph.input ? input : lowerLayer(node, inputs, list))
  }
  const output = values.get(graph.output)!
  return { steps: list.steps, input, output, buffers: placeBuffers(list.steps, floats, input, output) }
}

function layerFloats(shape: number[]): number {
  const floats = product(shape)
  if (!shape.every((size) => Number.isInteger(size) && size > 0) || floats > MAX_LAYER_FLOATS)
    throw new LayersFormatError(`expected at most ${MAX_LAYER_FLOATS} numbers from a layer, got [${shape}]`)
  return floats
}

function checkSizes({ steps, input, output }: Omit<NetworkPlan, 'weights'>, sizes?: NetworkSizes): void {
  const macs = steps.reduce((sum, step) => sum + (step.macs ?? 0), 0)
  if (macs > MAX_MACS)
    throw new LayersFormatError(`expected at most ${MAX_MACS} multiplications an image, got ${macs}`)
  const [inputs, outputs] = [product(input.shape), product(output.shape)]
  if (sizes && (inputs !== sizes.inputs || outputs !== sizes.outputs))
    throw new LayersFormatError(
      `expected a network of ${sizes.inputs} numbers to ${sizes.outputs}, got one of ${inputs} to ${outputs}`,
    )
}

const weightsInPanels = (steps: Step[]) =>
  new Set(argumentsOf(steps).flatMap((arg) => ('panels' in arg ? [arg.panels] : [])))
