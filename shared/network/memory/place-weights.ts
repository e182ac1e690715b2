/**
 * Weights as the kernels read them, byte for byte, so that loading a model only copies them to wasm memory. Each is
 * padded with zeros to a multiple of 128 bytes, because own-kernels.wat reads 32 biases at a time.
 */
import { product, type Weight } from '../layers/layer-weights.ts'

export interface PlacedWeight {
  name: string
  floats: number
  /** Padding included. */
  bytes: number
}

/** Outputs of one panel of own-kernels.wat. */
export const PANEL = 32
const PADDING_BYTES = 128

export const paddedTo = (size: number, multiple: number) => Math.ceil(size / multiple) * multiple

/** `inPanels` names the kernels that own-kernels.wat reads; the others stay float32, row after row. */
export function placeWeights(weights: Map<string, Weight>, inPanels: ReadonlySet<string>) {
  const forms = [...weights].map(([name, weight]) => ({
    name,
    floats: product(weight.shape),
    values: inPanels.has(name) ? toPanels(weight) : new Uint8Array(weight.values.buffer),
  }))
  const placed = forms.map(({ name, floats, values }): PlacedWeight => {
    return { name, floats, bytes: paddedTo(values.length, PADDING_BYTES) }
  })
  const bytes = new Uint8Array(placed.reduce((sum, each) => sum + each.bytes, 0))
  let at = 0
  for (const [i, { values }] of forms.entries()) {
    bytes.set(values, at)
    at += placed[i].bytes
  }
  return { placed, bytes }
}

const bitsOf = ({ values }: Weight) => new Uint32Array(values.buffer, values.byteOffset, values.length)

/** Whether the lower halves of all values are zero. */
export function isBfloat16(weight: Weight): boolean {
  if (weight.panels) return true
  const bits = bitsOf(weight)
  let lower = 0
  for (let i = 0; i < bits.length; i++) lower |= bits[i] // twenty times as fast as every()
  return (lower & 0xffff) === 0
}

/** [inputs, outputs] -> [ceil(outputs / 32)][inputs][32] in bfloat16, two outputs per word as own-kernels.wat reads them. */
function toPanels(weight: Weight): Uint8Array {
  if (weight.panels) return weight.panels
  const [inputs, outputs] = weight.shape as [number, number]
  const bits = bitsOf(weight)
  const halves = new Uint16Array(paddedTo(outputs, PANEL) * inputs)
  const offsets = Int32Array.from({ length: outputs }, (_, output) => {
    const column = output % PANEL
    const half = (column & ~7) + 2 * (column & 3) + ((column >> 2) & 1)
    return (output - column) * inputs + half
  })
  for (let input = 0, at = 0; input < inputs; input++)
    for (let output = 0; output < outputs; output++, at++)
      halves[offsets[output] + input * PANEL] = bits[at] >>> 16
  return new Uint8Array(halves.buffer)
}
