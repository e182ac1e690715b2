/** Reads a tfjs layers model: from model.json's topology a list of layers in the order of evaluation. */
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
  const first = layers[0]
  if (!first) throw new LayersFormatError('the Sequential model has no layers')
  const nodes: LayerNode[] = []
  if (first.class_name !== 'InputLayer') {
    const config = { batch_input_shape: first.config.batch_input_shape }
    nodes.push({ name: '(input)', className: 'InputLayer', config, inputs: [] })
  }
  for (const layer of layers) nodes.push(node(layer, nodes.length > 0 ? [nodes.at(-1)!.name] : []))
  return graph(nodes, nodes[0]!.name, nodes.at(-1)!.name)
}

function functional(model: RawModel): LayerGraph {
  if (
    Array.isArray(model.config) ||
    model.config.input_layers?.length !== 1 ||
    model.config.output_layers?.length !== 1
  )
    throw new LayersFormatError('expected a model of one input and one output')
  const { layers, input_layers: inputs, output_layers: outputs } = model.config
  const pending = layers.map((layer) => node(layer, inboundOf(layer)))
  const nodes: LayerNode[] = []
  const done = new Set<string>()
  while (pending.length > 0) {
    const ready = pending.findIndex(({ inputs }) => inputs.every((name) => done.has(name)))
    if (ready < 0) throw new LayersFormatError(`layer ${pending[0]!.name} reads a layer that does not exist`)
    const [next] = pending.splice(ready, 1)
    done.add(next!.name)
    nodes.push(next!)
  }
  return graph(nodes, inputs[0]![0], outputs[0]![0])
}

function inboundOf(layer: RawLayer): string[] {
  const uses = layer.inbound_nodes ?? []
  if (uses.length > 1)
    throw new LayersFormatError(`layer ${layer.config.name} is used ${uses.length} times, expected once`)
  return (uses[0] ?? []).map(([name]) => name)
}

const node = ({ class_name: className, config }: RawLayer, inputs: string[]): LayerNode => ({
  name: config.name,
  className,
  config,
  inputs,
})

function graph(nodes: LayerNode[], input: string, output: string): LayerGraph {
  const shape = nodes.find(({ name }) => name === input)?.config.batch_input_shape
  const known = Array.isArray(shape) && shape.slice(1).every((size) => Number.isInteger(size) && size > 0)
  if (!known) throw new LayersFormatError(`the input's shape is not fixed: ${JSON.stringify(shape)}`)
  return { nodes, inputShape: shape.slice(1) as number[], input, output }
}
