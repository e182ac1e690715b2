import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadGridWasm } from '../../node/grid-model-directory.ts'
import type { NetworkWasm } from '../../shared/grid/grid-wasm.ts'
import { Convolver, type Run } from '../../shared/grid/networks/kernels/convolver.ts'
import { type IntegerLayer, inOrder } from '../../shared/grid/networks/kernels/integer-layer.ts'
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

interface PlainLayer {
  name: LayerName
  stride: number
  /** Pixels of the input's border that the layer reads. */
  pad: number
}

/** What convolve.wat says, in plain numbers, of a layer whose input has a border of zeros. */
function plainly(
  x: Int16Array,
  layer: IntegerLayer,
  { name, stride }: PlainLayer,
  high: number,
  wide: number,
) {
  const { taps, length, outputs, before } = TAPS[name]
  const channels = length / taps
  const half = layer.shift > 0 ? 1 << (layer.shift - 1) : 0
  const at = (row: number, column: number, channel: number) =>
    row < 0 || column < 0 || row >= high * stride || column >= wide * stride
      ? 0
      : x[(row * wide * stride + column) * channels + channel]
  return Int16Array.from({ length: high * wide * outputs }, (_, i) => {
    const [output, pixel] = [i % outputs, Math.floor(i / outputs)]
    const [y, x] = [Math.floor(pixel / wide) * stride - before, (pixel % wide) * stride - before]
    let sum = layer.bias[output] + half
    for (let k = 0; k < taps * length; k++) {
      const [down, across] = [Math.floor(k / length), Math.floor((k % length) / channels)]
      sum += at(y + down, x + across, k % channels) * layer.weights[k * outputs + output]
    }
    return Math.max(0, CLAMP((sum | 0) >> layer.shift))
  })
}

describe('convolve.wat', () => {
  it.each([
    { name: 'dec.second', stride: 1, pad: 1 },
    { name: 'dec.first', stride: 4, pad: 2 },
  ] as const)('gives the sums that plain numbers give, to the bit, at any size of plane: %o', (plain) => {
    const { name, stride, pad } = plain
    const channels = TAPS[name].length / TAPS[name].taps
    const side = fc.integer({ min: 1, max: 9 })
    fc.assert(
      fc.property(side, side, fc.nat(), (high, wide, seed) => {
        const random = new Random(seed)
        const layer = randomLayer(name, random)
        const net = new Convolver(wasm)
        net.add(name, { ...layer, weights: inOrder(layer.weights, layer.bias.length) })
        const row = wide * stride * channels
        net.layOut('test', {
          x: { height: high * stride, width: wide * stride, channels, pad },
          y: { height: high, width: wide, channels: TAPS[name].outputs },
        })
        const x = Int16Array.from({ length: high * stride * row }, () => random.integer(4000) - 2000)
        const plane = net.values('x')
        for (let y = 0; y < high * stride; y++)
          plane.values.set(x.subarray(y * row, (y + 1) * row), plane.first + y * plane.row)
        net.run({ layer: name, from: 'x', to: 'y', stride, relu: true })
        expect(net.values('y').values).toEqual(plainly(x, layer, plain, high, wide))
      }),
      { numRuns: 30 },
    )
  })

  it('leaves the border of the plane that it writes at zero, and adds another plane', () => {
    const random = new Random(7)
    const layer = randomLayer('dec.second', random)
    const net = new Convolver(wasm)
    net.add('dec.second', { ...layer, weights: inOrder(layer.weights, layer.bias.length) })
    const shape = { height: 5, width: 6, channels: 32, pad: 1 }
    const run: Run = { layer: 'dec.second', from: 'x', to: 'y', relu: true }
    const results = [undefined, 'x'].map((added) => {
      net.layOut(`test ${added}`, { x: shape, y: shape })
      const { values, first, row } = net.values('x')
      for (let y = 0; y < 5; y++) for (let i = 0; i < 6 * 32; i++) values[first + y * row + i] = (y * i) % 97
      net.run({ ...run, ...(added && { added }) })
      return { x: values.slice(), y: net.values('y').values.slice() }
    })
    const [alone, sum] = results
    expect(sum.y).toEqual(alone.y.map((value, i) => CLAMP(value + sum.x[i])))
    expect(alone.y.subarray(0, 8 * 32).every((value) => value === 0)).toBe(true)
  })
})
