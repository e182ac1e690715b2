/** The planned executor inside workerd: the very bits that tf.layers computes in Node (test/network/executor-vectors.test.ts). */
import backend from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-simd.wasm'
import { describe, expect, it } from 'vitest'
import { planNetwork } from '../../shared/network/executor.ts'
import { loadKernels } from '../../shared/network/kernels/kernels.ts'
import dense from '../../shared/network/kernels/own-kernels.wasm'
import type { LayersJson } from '../../shared/network/layers/layers-file.ts'
import { noise } from '../network/noise.ts'
import vectors from '../vectors/executor.json' with { type: 'json' }

const bytes = (base64: string) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))

for (const [own, modules] of Object.entries({
  'our Dense kernel': [backend, dense],
  'XNNPACK alone': [backend],
}))
  describe(`in workerd, with ${own}`, () => {
    for (const { name, topology, weights, outputs } of vectors)
      it(`the ${name} equals tf.layers to the bit at batch ${outputs.map(({ batch }) => batch).join(', ')}`, async () => {
        const kernels = await loadKernels(modules[0], modules[1])
        const network = planNetwork(kernels, {
          topology: topology as unknown as LayersJson,
          weights: bytes(weights),
        })
        for (const { batch, output } of outputs) {
          network.input(batch).set(noise(batch * network.inputSize))
          expect(network.run(batch)).toEqual(new Float32Array(bytes(output).buffer))
        }
        network.dispose()
        expect(kernels.held).toMatchObject({ tensors: 0, bytes: 0 })
      })
  })
