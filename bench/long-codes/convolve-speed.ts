/** Multiply-accumulates per second of convolve.wat, in the restoration network's largest layer. */
import { median } from '../../evaluate/median.ts'
import { loadGridWasm } from '../../node/grid-model-directory.ts'
import { Convolver } from '../../shared/grid/networks/kernels/convolver.ts'
import { inOrder } from '../../shared/grid/networks/kernels/integer-layer.ts'
import { TAPS, tapWeights } from '../../shared/grid/networks/layer-shapes.ts'

const ROUNDS = 25
const SIDE = 128

export async function convolveGigaMacs(): Promise<number> {
  const net = new Convolver(await loadGridWasm())
  const { outputs } = TAPS['dec.second']
  const weights = Int16Array.from({ length: tapWeights(TAPS['dec.second']) }, (_, i) => (i * 31) % 97)
  net.add('dec.second', { weights: inOrder(weights, outputs), bias: new Int32Array(outputs), shift: 8 })
  net.layOut('bench', {
    x: { height: SIDE, width: SIDE, channels: outputs, pad: 1 },
    y: { height: SIDE, width: SIDE, channels: outputs, pad: 1 },
  })
  return gigaMacs(SIDE * SIDE * weights.length, () =>
    net.run({ layer: 'dec.second', from: 'x', to: 'y', relu: true }),
  )
}

function gigaMacs(macs: number, work: () => void): number {
  work()
  const times = Array.from({ length: ROUNDS }, () => {
    const startedMs = performance.now()
    work()
    return performance.now() - startedMs
  })
  return macs / median(times) / 1e6
}
