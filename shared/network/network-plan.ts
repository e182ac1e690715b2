/**
 * A network compiled, ready to run: its layers as a flat list of kernel calls, and its weights in the form they have
 * in wasm memory. Made once, when a model is built into the service; a plan is plain JSON.
 */

import { type LayerGraph, readGraph } from './layers/layer-graph.ts'
import { product, readWeights, type Weight } from './layers/layer-weights.ts'
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

/** `ownDense` false: Dense layers by the backend's kernel too. */
export function compileNetwork(file: LayersFile, ownDense = true): { plan: NetworkPlan; bytes: Uint8Array } {
  const weights = readWeights(file)
  const lowered = lowerGraph(readGraph(file.topology), weights, ownDense)
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
    newValue: (shape) => ({ buffer: floats.push(product(shape)) - 1, shape }),
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

const weightsInPanels = (steps: Step[]) =>
  new Set(argumentsOf(steps).flatMap((arg) => ('panels' in arg ? [arg.panels] : [])))
