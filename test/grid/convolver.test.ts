import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadGridWasm } from '../../node/grid-model-directory.ts'
import type { NetworkWasm } from '../../shared/grid/grid-wasm.ts'
import {
  Convolver,
  type IntegerLayer,
  inOrder,
  type Run,
} from '../../shared/grid/networks/kernels/convolver.ts'
import { type LayerName, TAPS, tapWeights } from '../../shared/grid/networks/layer-shapes.ts'
import { Random } from '../../train/random.ts'

let wasm: NetworkWasm

beforeAll(async () => {
  wasm = await loadGridWasm()
})

const CLAMP = (value: number) => Math.max(-32768, Math.min(32767, value))

function randomLayer(name: LayerName, random: Random): IntegerLayer {
  const { outputs } = TAPS[name]
  const number = (size: number) => random.integer(2 * size) - size
  return {
    weights: Int16Array.from({ length: tapWeights(TAPS[name]) }, () => number(300)),
    bias: Int32Array.from({ length: outputs }, () => number(100_000)),
    shift: random.integer(16),
  }
}

/** What convolve.wat says, in plain numbers, of the layer `dec.quarter`: depth to space, and its input in a border of zeros. */
function plainQuarter(x: Int16Array, layer: IntegerLayer, height: number, width: number): Int16Array {
  const { outputs, length } = TAPS['dec.quarter']
  const channels = length / 3
  const deep = outputs / 4
  const y = new Int16Array(4 * height * width * deep)
  const half = layer.shift > 0 ? 1 << (layer.shift - 1) : 0
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++)
      for (let output = 0; output < outputs; output++) {
        let sum = layer.bias[output] + half
        for (let down = 0; down < 3; down++)
          for (let across = 0; across < 3; across++) {
            const [r, c] = [row + down - 1, column + across - 1]
            if (r < 0 || c < 0 || r >= height || c >= width) continue
            for (let i = 0; i < channels; i++)
              sum +=
                x[(r * width + c) * channels + i] *
                layer.weights[((down * 3 + across) * channels + i) * outputs + output]
          }
        const [dy, dx] = [Math.floor(output / (2 * deep)), Math.floor(output / deep) % 2]
        const at = ((2 * row + dy) * 2 * width + 2 * column + dx) * deep + (output % deep)
        y[at] = Math.max(0, CLAMP((sum | 0) >> layer.shift))
      }
  return y
}

describe('convolve.wat', () => {
  it('finds in every layer the multiple of three pairs that it takes at a time', () => {
    for (const [name, { length, outputs }] of Object.entries(TAPS))
      expect([name, length % 6, outputs % 8]).toEqual([name, 0, 0])
  })

  it('gives the sums that plain numbers give, to the bit, at any size of plane', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        fc.nat(),
        (height, width, seed) => {
          const random = new Random(seed)
          const layer = randomLayer('dec.quarter', random)
          const net = new Convolver(wasm)
          net.add('dec.quarter', { ...layer, weights: inOrder(layer.weights, layer.bias.length) })
          net.layOut('test', {
            x: { height, width, channels: 40, pad: 1 },
            y: { height: 2 * height, width: 2 * width, channels: 24 },
          })
          const x = Int16Array.from({ length: height * width * 40 }, () => random.integer(4000) - 2000)
          const plane = net.values('x')
          for (let row = 0; row < height; row++)
            plane.values.set(
              x.subarray(row * width * 40, (row + 1) * width * 40),
              plane.first + row * plane.row,
            )
          net.run({ layer: 'dec.quarter', from: 'x', to: 'y', depth: 2, relu: true })
          expect(net.values('y').values).toEqual(plainQuarter(x, layer, height, width))
        },
      ),
      { numRuns: 30 },
    )
  })

  it('leaves the border of the plane that it writes at zero, and adds another plane', () => {
    const random = new Random(7)
    const layer = randomLayer('enc.fine2', random)
    const net = new Convolver(wasm)
    net.add('enc.fine2', { ...layer, weights: inOrder(layer.weights, layer.bias.length) })
    const shape = { height: 5, width: 6, channels: 48, pad: 1 }
    const run: Run = { layer: 'enc.fine2', from: 'x', to: 'y', relu: true }
    const results = [undefined, 'x'].map((added) => {
      net.layOut(`test ${added}`, { x: shape, y: shape })
      const { values, first, row } = net.values('x')
      for (let y = 0; y < 5; y++) for (let i = 0; i < 6 * 48; i++) values[first + y * row + i] = (y * i) % 97
      net.run({ ...run, ...(added && { added }) })
      return { x: values.slice(), y: net.values('y').values.slice() }
    })
    const [alone, sum] = results
    expect(sum.y).toEqual(alone.y.map((value, i) => CLAMP(value + sum.x[i])))
    expect(alone.y.subarray(0, 8 * 48).every((value) => value === 0)).toBe(true)
  })
})
