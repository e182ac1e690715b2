import { beforeAll, expect, it } from 'vitest'
import { loadNodeKernels } from '../../node/node-kernels.ts'
import type { Kernels } from '../../shared/network/kernels/kernels.ts'
import { readWeights } from '../../shared/network/layers/layer-weights.ts'
import type { LayersFile } from '../../shared/network/layers/layers-file.ts'
import { packerOf } from '../../shared/network/memory/pack-halves.ts'
import { isBfloat16, placeWeights } from '../../shared/network/memory/place-weights.ts'

let kernels: Kernels

beforeAll(async () => {
  kernels = await loadNodeKernels()
})

function fileOf(halves: Uint16Array, shape: number[]): LayersFile {
  const spec = { name: 'kernel', shape, dtype: 'float32', quantization: { dtype: 'float16' as const } }
  const topology = { modelTopology: {}, weightsManifest: [{ paths: [], weights: [spec] }] }
  return { topology, weights: new Uint8Array(halves.buffer) }
}

/** Every half that is a bfloat16, in an order that puts unlike ones side by side. */
const every = (isFit: (half: number) => boolean) =>
  Array.from({ length: 65536 }, (_, i) => (i * 40503) & 0xffff).filter(isFit)

const asWeight = (halves: Uint16Array, shape: number[], pack = packerOf(kernels)) =>
  readWeights(fileOf(halves, shape), pack)

it('puts halves in panels as placeWeights() does, to the bit, whatever they are', () => {
  const single = (half: number) => asWeight(Uint16Array.of(half), [1], undefined).get('kernel')!
  const fit = every((half) => (half & 0x7c00) !== 0x7c00 && isBfloat16(single(half)))
  for (const outputs of [8, 16, 40, 64]) {
    const inputs = Math.ceil(fit.length / outputs)
    const halves = Uint16Array.from({ length: inputs * outputs }, (_, i) => fit[i % fit.length])
    const packed = asWeight(halves, [inputs, outputs])
    const plain = asWeight(halves, [inputs, outputs], undefined)
    expect(packed.get('kernel')!.panels).toBeDefined()
    expect(packed.get('kernel')!.values).toEqual(plain.get('kernel')!.values)
    const names = new Set(['kernel'])
    expect(placeWeights(packed, names)).toEqual(placeWeights(plain, names))
  }
})

it('leaves weights that are no bfloat16 to others, and refuses those that are not finite', () => {
  for (const odd of [0x3c01, 0x0081 << 2, 0x03ff, 0x8201]) {
    const halves = new Uint16Array(32).fill(odd, 17, 18)
    const isFit = isBfloat16(asWeight(halves, [2, 16], undefined).get('kernel')!)
    expect(asWeight(halves, [2, 16]).get('kernel')!.panels !== undefined).toBe(isFit)
  }
  for (const infinite of [0x7c00, 0xfc00, 0x7e00])
    expect(() => asWeight(new Uint16Array(32).fill(infinite, 3, 4), [2, 16])).toThrow('not finite')
})

it('gives its memory back', () => {
  const before = kernels.held
  asWeight(new Uint16Array(320), [10, 32])
  expect(kernels.held.bytes).toBe(before.bytes)
})
