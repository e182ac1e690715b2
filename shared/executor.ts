/**
 * Runs a tf.layers model as a flat list of calls to tfjs-backend-wasm's kernels. Everything is done once, at load:
 * weights are uploaded, activations get their places in wasm memory, shapes and tensor ids are laid down. A request
 * fills the input, makes the calls, and reads the output; it allocates nothing. The kernels and their arguments are
 * those of tf.layers itself, so results equal its results to the bit (test/executor.test.ts).
 */
import type { Kernels } from './kernels.ts'
import { type LayerGraph, readGraph } from './layer-graph.ts'
import { lowerLayer, whyUnsupported } from './layer-steps.ts'
import { product, weightSpecs } from './layer-weights.ts'
import type { LayersFile, LayersJson, WeightSpec } from './manifest.ts'
import { placeBuffers } from './place-buffers.ts'
import { argumentsOf, PlannedNetwork, type Program } from './planned-network.ts'
import { ResidentWeights } from './resident-weights.ts'
import type { Step, StepList, Value } from './steps.ts'
import { WeightUpload } from './weight-upload.ts'

export interface Network {
  /** Floats an image. */
  readonly inputSize: number
  readonly outputSize: number
  /** Multiplications and additions an image. */
  readonly macs: number
  /** [batch, inputSize] in wasm memory, to be filled before run(batch); valid until the next call. */
  input(batch: number): Float32Array
  /** [batch, outputSize] in wasm memory, valid until the next call. */
  run(batch: number): Float32Array
  /** Gives the memory back; the network must not be used after it. */
  dispose(): void
}

export function unsupportedOps(topology: LayersJson): string[] {
  return readGraph(topology).nodes.flatMap((node) => whyUnsupported(node) ?? [])
}

export function planNetwork(kernels: Kernels, { topology, weights }: LayersFile): Network {
  const unfilled = new UnfilledNetwork(kernels, topology)
  try {
    unfilled.upload.write(weights)
    return unfilled.finish()
  } catch (error) {
    unfilled.dispose()
    throw error
  }
}

/** The same, with the bytes of weights.bin as they come in. */
export async function planNetworkFrom(
  kernels: Kernels,
  topology: LayersJson,
  weights: AsyncIterable<Uint8Array>,
): Promise<Network> {
  const unfilled = new UnfilledNetwork(kernels, topology)
  try {
    for await (const piece of weights) unfilled.upload.write(piece)
    return unfilled.finish()
  } catch (error) {
    unfilled.dispose()
    throw error
  }
}

/** A network whose weights have their places, but not their values yet. */
class UnfilledNetwork {
  readonly upload: WeightUpload
  readonly #kernels: Kernels
  readonly #program: Program
  readonly #weights: ResidentWeights

  constructor(kernels: Kernels, topology: LayersJson) {
    const specs = weightSpecs(topology)
    this.#kernels = kernels
    this.#program = lowerGraph(readGraph(topology), specs, kernels.hasDense)
    this.#weights = new ResidentWeights(kernels, specs, weightsInPanels(this.#program.steps))
    this.upload = new WeightUpload(kernels, specs, this.#weights)
  }

  finish(): Network {
    this.upload.finish()
    return new PlannedNetwork(this.#kernels, this.#program, this.#weights)
  }

  dispose(): void {
    this.upload.dispose()
    this.#weights.dispose()
  }
}

function lowerGraph(graph: LayerGraph, specs: WeightSpec[], hasDense: boolean): Program {
  const shapes = new Map(specs.map(({ name, shape }) => [name, shape]))
  const floats: number[] = []
  const list: StepList = {
    steps: [],
    hasDense,
    newValue: (shape) => ({ buffer: floats.push(product(shape)) - 1, shape }),
    weightShape: (name) => shapes.get(name),
  }
  const input = list.newValue(graph.inputShape)
  const values = new Map<string, Value>()
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => values.get(name)!)
    values.set(node.name, node.name === graph.input ? input : lowerLayer(node, inputs, list))
  }
  const output = values.get(graph.output)!
  return { steps: list.steps, input, output, plan: placeBuffers(list.steps, floats, input, output) }
}

const weightsInPanels = (steps: Step[]) =>
  new Set(argumentsOf(steps).flatMap((arg) => ('panels' in arg ? [arg.panels] : [])))
