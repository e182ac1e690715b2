import type { Network } from '../shared/network/executor.ts'
import { planNetwork } from '../shared/network/executor.ts'
import type { LayersFile } from '../shared/network/layers/layers-file.ts'
import { loadNodeKernels } from './node-kernels.ts'

/** How Node runs a model: the planned executor where it has all the layers, TensorFlow.js itself where it has not. */
export async function planInNode(
  unsupportedOps: string[],
): Promise<(file: LayersFile) => Network | Promise<Network>> {
  if (unsupportedOps.length > 0) return (await import('./layers-network.ts')).layersNetwork
  const kernels = await loadNodeKernels()
  return (file) => planNetwork(kernels, file)
}
