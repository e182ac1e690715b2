/** What toPanels() does with the floats of halves, by own-kernels.wat: loading a model then takes a third of the time. */
import type { Kernels } from '../kernels/kernels.ts'
import type { PackHalves } from '../layers/layer-weights.ts'
import { PANEL, paddedTo } from './place-weights.ts'

export function packerOf(kernels: Kernels): PackHalves | undefined {
  if (!kernels.hasOwn) return undefined
  return (halves, inputs, outputs) => {
    if (outputs % 8 !== 0) return undefined
    const bytes = 2 * inputs * paddedTo(outputs, PANEL)
    const from = kernels.allocate(halves.byteLength)
    const to = kernels.allocate(bytes)
    new Uint16Array(kernels.buffer, from, halves.length).set(halves)
    if (outputs % PANEL !== 0) new Uint8Array(kernels.buffer, to, bytes).fill(0)
    const isLost = kernels.call.panels(from, to, inputs, outputs)
    const panels = isLost ? undefined : new Uint8Array(kernels.buffer, to, bytes).slice()
    kernels.free(to)
    kernels.free(from)
    return panels
  }
}
