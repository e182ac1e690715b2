/**
 * Runs a tf.layers model as a flat list of calls to tfjs-backend-wasm's kernels. The list is made ahead of time
 * (network-plan.ts). Loading copies the weights to wasm memory, gives activations their addresses there, and fixes
 * shapes and tensor ids. A request fills the input, makes the calls and reads the output; it allocates nothing. The
 * kernels and their arguments are those of tf.layers itself, so results are the same to the bit
 * (test/network/executor.test.ts).
 */

import type { Kernels } from './kernels/kernels.ts'
import type { LayersFile } from './layers/layers-file.ts'
import { packerOf } from './memory/pack-halves.ts'
import { ResidentWeights } from './memory/resident-weights.ts'
import type { Network } from './network.ts'
import { compileNetwork, type NetworkPlan, type NetworkSizes } from './network-plan.ts'
import { PlannedNetwork } from './planned-network.ts'

/** Throws LayersFormatError if the file does not fit together, or does not have these sizes. */
export function planNetwork(kernels: Kernels, file: LayersFile, sizes?: NetworkSizes): Network {
  const { plan, bytes } = compileNetwork(file, { ownDense: kernels.hasOwn, sizes, pack: packerOf(kernels) })
  const weights = new ResidentWeights(kernels, plan.weights)
  weights.write(bytes)
  return new PlannedNetwork(kernels, plan, weights)
}

/** For a network compiled earlier: `read` passes on the bytes of its weights, in order, as they arrive. */
export async function loadNetwork(
  kernels: Kernels,
  plan: NetworkPlan,
  read: (write: (piece: Uint8Array) => void) => Promise<void>,
): Promise<Network> {
  const weights = new ResidentWeights(kernels, plan.weights)
  try {
    await read((piece) => weights.write(piece))
    weights.finish()
    return new PlannedNetwork(kernels, plan, weights)
  } catch (error) {
    weights.dispose()
    throw error
  }
}
