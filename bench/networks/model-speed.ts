/**
 * The shipped models' networks alone, in Node, on images of their own kind. The textbook's small network runs from the
 * cache (network-speed.ts); these are larger than the cache, so a single image waits for weights. A batch reads them
 * once and comes near the textbook's speed.
 */

import { median } from '../../evaluate/median.ts'
import type { Model } from '../../shared/codec/model.ts'
import { encode } from '../../shared/codec/transform.ts'
import { fromSamples } from '../../shared/network/kernels/float-samples.ts'
import type { Network } from '../../shared/network/network.ts'
import { benchImages } from '../edge/inputs.ts'
import { NETWORK_BATCHES, timeOne } from './network-speed.ts'

const ROUNDS = 15

export interface ModelSpeed {
  model: string
  network: 'encoder' | 'decoder'
  batch: number
  usPerImage: number
  gigaMacsPerSecond: number
}

export async function modelSpeeds(models: Model[]): Promise<ModelSpeed[]> {
  const speeds: ModelSpeed[] = []
  for (const model of models) {
    const images = await benchImages(model.manifest.input)
    const pixels = images.map((image) => {
      const x = new Float32Array(image.length)
      fromSamples(image, x, 0)
      return x
    })
    const networks = [
      ['encoder', model.encoder, pixels],
      ['decoder', model.decoder, encode(model, images)],
    ] as const
    for (const [network, plan, inputs] of networks)
      for (const batch of NETWORK_BATCHES) {
        const usPerImage = await timeInTurn(plan, inputs, batch)
        const gigaMacsPerSecond = plan.macs / usPerImage / 1000
        speeds.push({ model: model.manifest.name, network, batch, usPerImage, gigaMacsPerSecond })
      }
  }
  return speeds
}

/** Another image each time, since repeating one would find its weights in the cache. */
async function timeInTurn(network: Network, inputs: readonly Float32Array[], batch: number): Promise<number> {
  let next = 0
  const run = () => {
    const x = network.input(batch)
    for (let i = 0; i < batch; i++) x.set(inputs[next++ % inputs.length], i * network.inputSize)
    return network.run(batch)
  }
  const samples: number[] = []
  for (let round = 0; round < ROUNDS; round++) samples.push((await timeOne({ run })) / batch)
  return median(samples)
}
