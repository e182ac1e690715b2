import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { plan, warmUp } from '../../edge/models/warm-up.ts'
import { loadNodeKernels } from '../../node/node-kernels.ts'
import { usePlainTfjs } from '../../node/tensorflow/plain-tfjs.ts'
import { compileNetwork } from '../../shared/network/network-plan.ts'
import { randomFile, sequential } from './executor-networks.ts'

beforeAll(usePlainTfjs)

describe('the warm-up of an isolate', () => {
  it('leaves nothing behind in wasm memory', async () => {
    const kernels = await loadNodeKernels()
    await warmUp(kernels)
    expect(kernels.held).toMatchObject({ tensors: 0, bytes: 0 })
  })

  it('runs the calls that a Dense layer with a sigmoid compiles to', async () => {
    const layer = () => tf.layers.dense({ units: 16, activation: 'sigmoid', name: 'layer' })
    const compiled = compileNetwork(await randomFile(() => sequential([16], layer()))).plan
    expect(JSON.parse(JSON.stringify(compiled).replaceAll('layer/', ''))).toEqual(plan)
  })
})
