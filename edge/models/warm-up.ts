/**
 * Engines compile a function, JavaScript or wasm, when it is first called. So the codec is called once while the
 * isolate starts, with a tiny model and a tiny image: CPU at start is not billed to a request, and the first request
 * finds its functions compiled, which saves it 2.5 ms of CPU.
 */
import { compress, decompress } from '../../shared/codec/codec.ts'
import { EntropyModel } from '../../shared/codec/entropy/entropy-model.ts'
import type { Model } from '../../shared/codec/model.ts'
import { QUANTIZERS } from '../../shared/codec/quantize/trellis.ts'
import { FORMAT, type Manifest } from '../../shared/manifest.ts'
import { loadNetwork } from '../../shared/network/executor.ts'
import { FLOAT32, type Kernels } from '../../shared/network/kernels/kernels.ts'
import type { NetworkPlan } from '../../shared/network/network-plan.ts'
import type { Argument, Value } from '../../shared/network/steps/steps.ts'
import { CODE_TYPE, JSON_TYPE } from '../http/media-type.ts'
import { negotiate } from '../http/negotiate.ts'
import { parseQuery } from '../http/parse.ts'
import { CompressQuery } from '../schemas.ts'

const MODEL_BYTES = 6 << 20 // as much as the shipped ones take
const SIDE = 4
const SIZE = SIDE * SIDE // of image and latent: as many outputs as own-kernels.wat writes at a time
const COMPONENTS = 2
const GREY = 0x3d // as a sample; 0x3d3d as a weight in bfloat16 is 0.05

export async function warmUp(kernels: Kernels): Promise<void> {
  const model = await tinyModel(kernels)
  const { code } = compress(model, new Uint8Array(SIZE).fill(GREY))
  decompress({ byId: () => model }, code)
  parseQuery(CompressQuery, '?model=tiny')
  negotiate(CODE_TYPE, [JSON_TYPE, CODE_TYPE])
  model.encoder.dispose()
  model.decoder.dispose()
  touchMemory(kernels)
}

/** Touches the pages of memory that the first model will get, as the first touch of a page takes a microsecond or two. */
function touchMemory(kernels: Kernels): void {
  const pointer = kernels.allocate(MODEL_BYTES)
  const bytes = new Uint8Array(kernels.buffer, pointer, MODEL_BYTES)
  for (let at = 0; at < MODEL_BYTES; at += 4096) bytes[at] = 1
  kernels.free(pointer)
}

async function tinyModel(kernels: Kernels): Promise<Model> {
  const each = new Array<number>(SIZE).fill(1)
  const costs = { lambdaBits: 1, costLimitBits: 1 }
  const level = { steps: each, distortionBits: each, meanBytes: 1, psnrDb: 1, ...costs }
  const manifest: Manifest = {
    ...{ format: FORMAT, name: 'tiny', id: '0000', created: '', unsupportedOps: [] },
    ...{ input: { height: SIDE, width: SIDE, channels: 1 }, latent: SIZE, levels: [level], defaultLevel: 0 },
  }
  const entropyModel = new EntropyModel([tinyTables()], SIZE)
  const network = () =>
    loadNetwork(kernels, plan, async (write) => {
      for (const { bytes } of plan.weights) write(new Uint8Array(bytes).fill(GREY))
    })
  return { manifest, entropyModel, encoder: await network(), decoder: await network() }
}

const value = (buffer: number) => ({ buffer, shape: [SIZE] })
const [x, products, sums, y] = [value(0), value(1), value(2), value(3)]
const elementwise = (from: Value, to: Value) => ({ reads: [from], writes: to, elementwise: true })
const matrix: Argument[] = [{ panels: 'kernel' }, { vector: '(zeros)/16' }]

/** A Dense layer with a sigmoid, as compileNetwork() makes it (test/network/warm-up.test.ts). */
export const plan: NetworkPlan = {
  steps: [
    {
      kernel: 'dense',
      args: [
        ...[{ pointer: x }, ...matrix, { pointer: products }, { lists: 2 * SIZE + 1 }],
        ...[{ timesBatch: 1 }, SIZE, SIZE, -Number.MAX_VALUE],
      ],
      ...{ reads: [x], writes: products, macs: SIZE * SIZE, elementwise: false },
    },
    {
      kernel: 'Add',
      args: [
        ...[{ value: products }, { shape: [{ timesBatch: 1 }, SIZE] }, 2],
        ...[{ weight: 'bias' }, { shape: [SIZE] }, 1, FLOAT32, { value: sums }],
      ],
      ...elementwise(products, sums),
    },
    { kernel: 'Sigmoid', args: [{ value: sums }, { value: y }], ...elementwise(sums, y) },
  ],
  input: x,
  output: y,
  buffers: {
    ...{ floats: [SIZE, SIZE, SIZE, SIZE], slotFloats: [SIZE, SIZE, SIZE] },
    ...{ slotOf: [0, 2, 2, 1], whole: [0, 1] },
  },
  weights: [
    { name: 'kernel', floats: SIZE * SIZE, bytes: 2 * 32 * SIZE },
    { name: 'bias', floats: SIZE, bytes: 128 },
    { name: '(zeros)/16', floats: SIZE, bytes: 128 },
  ],
}

/**
 * A level's tables, in the format of shared/codec/entropy/entropy-model.ts. Each table has the symbols 0 and 1, and the
 * escape.
 */
function tinyTables(): Uint8Array {
  const tables = 2 + COMPONENTS * SIZE * QUANTIZERS
  const first = new Uint32Array(tables + 1).map((_, table) => 3 * table)
  const frequencies = new Uint16Array(3 * tables).map((_, entry) => (entry % 3 < 2 ? 8191 : 2))
  const parts = [Uint32Array.of(COMPONENTS), first, new Int16Array(tables), frequencies]
  const bytes = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(new Uint8Array(part.buffer), at)
    at += part.byteLength
  }
  return bytes
}
