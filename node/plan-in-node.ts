import { planNetwork } from '../shared/network/executor.ts'
import type { LayersFile } from '../shared/network/layers/layers-file.ts'
import type { Network } from '../shared/network/network.ts'
import type { NetworkSizes } from '../shared/network/network-plan.ts'
import { loadNodeKernels } from './node-kernels.ts'

/** How Node runs a model: on the planned executor if that supports all its layers, else on TensorFlow.js itself. */
export async function planInNode(
  unsupportedOps: string[],
): Promise<(file: LayersFile, sizes: NetworkSizes) => Network | Promise<Network>> {
  if (unsupportedOps.length > 0) return (await import('./tensorflow/layers-network.ts')).layersNetwork
  const kernels = await loadNodeKernels()
  return (file, sizes) => planNetwork(kernels, file, sizes)
}
