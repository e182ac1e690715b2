/** Reads a tfjs layers model: model.json's topology -> a list of layers in the order of evaluation. */
import type { LayersJson } from './layers-file.ts'

export interface LayerNode {
  name: string
  className: string
  /** As Keras writes it: snake_case keys. */
  config: Record<string, unknown>
  /** Names of the layers it reads. */
  inputs: string[]
}

export interface LayerGraph {
  nodes: LayerNode[]
  inputShape: number[] // without the batch axis
  input: string
  output: string
}

/** Far more than any model here has. It bounds what it can cost to read a model from elsewhere. */
const MAX_LAYERS = 1000

export class LayersFormatError extends Error {
  override name = 'LayersFormatError'
}

interface RawLayer {
  class_name: string
  config: Record<string, unknown> & { name: string }
  inbound_nodes?: [string, number, number, unknown][][]
}

interface RawModel {
  class_name: string
  config:
    | RawLayer[]
    | {
        layers: RawLayer[]
        input_layers?: [string, number, number][]
        output_layers?: [string, number, number][]
      }
}

export function readGraph(topology: LayersJson): LayerGraph {
  const outer = topology.modelTopology as (RawModel & { model_config?: RawModel }) | undefined
  const model = outer?.model_config ?? outer // Keras's converter wraps it, tfjs's save does not
  if (!model?.class_name || !model.config)
    throw new LayersFormatError('model.json has no modelTopology of tf.layers')
  return model.class_name === 'Sequential' ? sequential(model) : functional(model)
}

function sequential(model: RawModel): LayerGraph {
  const layers = Array.isArray(model.config) ? model.config : model.config.layers
  checkLayers(layers)
  const first = layers[0]
  if (!first) throw new LayersFormatError('the Sequential model has no layers')
  const nodes: LayerNode[] = []
  if (first.class_name !== 'InputLayer') {
    const config = { batch_input_shape: first.config.batch_input_shape }
    nodes.push({ name: '(input)', className: 'InputLayer', config, inputs: [] })
  }
  for (const layer of layers) nodes.push(node(layer, nodes.length > 0 ? [nodes.at(-1)!.name] : []))
  return graph(nodes, nodes[0].name, nodes.at(-1)!.name)
}

function functional(model: RawModel): LayerGraph {
  if (
    Array.isArray(model.config) ||
    model.config.input_layers?.length !== 1 ||
    model.config.output_layers?.length !== 1
  )
    throw new LayersFormatError('expected a model of one input and one output')
  const { layers, input_layers: inputs, output_layers: outputs } = model.config
  checkLayers(layers)
  const nodes = inOrder(layers.map((layer) => node(layer, inboundOf(layer))))
  return graph(nodes, String(inputs[0][0]), String(outputs[0][0]))
}

/** Puts each layer after those it reads, and otherwise keeps the order. */
function inOrder(layers: LayerNode[]): LayerNode[] {
  const byName = new Map(layers.map((layer) => [layer.name, layer]))
  const ordered = new Set<LayerNode>()
  const visit = (layer: LayerNode, readers: ReadonlySet<LayerNode>) => {
    if (ordered.has(layer)) return
    if (readers.has(layer)) throw new LayersFormatError(`layer ${layer.name} reads its own output`)
    for (const name of layer.inputs) {
      const input = byName.get(name)
      if (!input)
        throw new LayersFormatError(`layer ${layer.name} reads a layer that does not exist: ${name}`)
      visit(input, new Set(readers).add(layer))
    }
    ordered.add(layer)
  }
  for (const layer of layers) visit(layer, new Set())
  return [...ordered]
}

/** Checks what the rest of the program relies on, as models may come from elsewhere. */
function checkLayers(layers: unknown): asserts layers is RawLayer[] {
  if (!Array.isArray(layers)) throw new LayersFormatError('expected a list of layers')
  if (layers.length > MAX_LAYERS)
    throw new LayersFormatError(`expected at most ${MAX_LAYERS} layers, got ${layers.length}`)
  const names = new Set<string>()
  for (const [i, layer] of (layers as (RawLayer | null)[]).entries()) {
    const name = layer?.config?.name
    if (typeof name !== 'string' || typeof layer?.class_name !== 'string')
      throw new LayersFormatError(`layer ${i + 1} has no class_name or no name in its config`)
    if (names.has(name)) throw new LayersFormatError(`two layers are named ${name}`)
    names.add(name)
  }
}

function inboundOf(layer: RawLayer): string[] {
  const uses = layer.inbound_nodes ?? []
  const isWellFormed =
    Array.isArray(uses) && uses.every((use) => Array.isArray(use) && use.every(Array.isArray))
  if (!isWellFormed)
    throw new LayersFormatError(`layer ${layer.config.name}: inbound_nodes are not as tf.layers writes them`)
  if (uses.length > 1)
    throw new LayersFormatError(`layer ${layer.config.name} is used ${uses.length} times, expected once`)
  return (uses[0] ?? []).map(([name]) => String(name))
}

const node = ({ class_name: className, config }: RawLayer, inputs: string[]): LayerNode => ({
  name: config.name,
  className,
  config,
  inputs,
})

function graph(nodes: LayerNode[], input: string, output: string): LayerGraph {
  const shape = nodes.find(({ name }) => name === input)?.config.batch_input_shape
  if (!nodes.some(({ name }) => name === output))
    throw new LayersFormatError(`the output layer ${output} does not exist`)
  const known = Array.isArray(shape) && shape.slice(1).every((size) => Number.isInteger(size) && size > 0)
  if (!known) throw new LayersFormatError(`the input's shape is not fixed: ${JSON.stringify(shape)}`)
  return { nodes, inputShape: shape.slice(1) as number[], input, output }
}
