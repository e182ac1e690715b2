import * as tf from '@tensorflow/tfjs'
import { beforeAll, expect, test } from 'vitest'
import { loadGridWasm } from '../../node/grid-model-directory.ts'
import { BLOCK, CHANNELS } from '../../shared/grid/grid-shape.ts'
import type { GridWasm } from '../../shared/grid/grid-wasm.ts'
import { codeDecoder, expandDecoder, readDecoder } from '../../shared/grid/networks/compact-decoder.ts'
import { FRACTION, GridDecoder, GridEncoder } from '../../shared/grid/networks/grid-networks.ts'
import { Convolver } from '../../shared/grid/networks/kernels/convolver.ts'
import { BitEncoder } from '../../shared/grid/planes/bit-coder.ts'
import { UNIT } from '../../shared/grid/planes/plane-groups.ts'
import { mse, psnrDb } from '../../shared/images/metrics.ts'
import { selectBackend } from '../../train/backends/backend.ts'
import { compactDecoder } from '../../train/grid/export/integer-decoder.ts'
import { integerEncoder } from '../../train/grid/export/integer-encoder.ts'
import { matricesOf } from '../../train/grid/export/matrices.ts'
import { GridNetworks } from '../../train/grid/networks/networks.ts'
import { upsample4 } from '../../train/grid/networks/operations.ts'
import { Random } from '../../train/random.ts'
import { scene } from '../grid/grid-pictures.ts'

const SHAPE = { blocksWide: 5, blocksHigh: 4 }
const [WIDTH, HEIGHT] = [SHAPE.blocksWide * BLOCK, SHAPE.blocksHigh * BLOCK]
const picture = scene(WIDTH, HEIGHT).samples
const known = scene(WIDTH / 4, HEIGHT / 4).samples
/** 16ths of an octave above UNIT. */
const KNOWN_STEP = 64

let wasm: GridWasm
let networks: GridNetworks

beforeAll(async () => {
  await selectBackend('wasm')
  wasm = await loadGridWasm()
  networks = new GridNetworks(3)
  const random = new Random(5)
  networks.setLinearPath(cosines())
  for (const name of ['dec.last', 'dec.steps']) {
    const { kernel } = networks.layers[name]
    const values = Float32Array.from({ length: kernel.size }, () => 0.03 * random.normal())
    kernel.assign(tf.tensor(values, kernel.shape) as never)
  }
})

/** The lowest frequencies of a block, of each colour. [BLOCK_SAMPLES, CHANNELS] */
function cosines(): Float32Array {
  const basis = new Float32Array(BLOCK * BLOCK * 3 * CHANNELS)
  const wave = (u: number, x: number) =>
    Math.sqrt((u ? 2 : 1) / BLOCK) * Math.cos((Math.PI * (x + 0.5) * u) / BLOCK)
  for (let channel = 0; channel < CHANNELS; channel++) {
    const [colour, v, u] = [channel % 3, Math.floor(channel / 24), Math.floor(channel / 3) % 8]
    for (let pixel = 0; pixel < BLOCK * BLOCK; pixel++)
      basis[(pixel * 3 + colour) * CHANNELS + channel] =
        wave(v, Math.floor(pixel / BLOCK)) * wave(u, pixel % BLOCK)
  }
  return basis
}

const unit = (samples: Uint8Array, height: number, width: number) =>
  tf.tensor4d(
    Float32Array.from(samples, (sample) => sample / 255),
    [1, height, width, 3],
  )

function encoded() {
  const up = upsample4(unit(known, HEIGHT / 4, WIDTH / 4))
  return networks.encode(tf.sub(unit(picture, HEIGHT, WIDTH), up) as tf.Tensor4D, false)
}

test('the integer encoder gives the latents that the trained one gives, to a few 8ths of the finest step', async () => {
  const encoder = new GridEncoder(new Convolver(wasm), integerEncoder(matricesOf(await networks.weights())))
  const { latents, transforms } = encoder.encode(SHAPE, picture, known, { lowest: false, turned: false })
  const trained = encoded().dataSync()
  const plain = [...transforms.keys()].filter((block) => transforms[block] === 0)
  expect(plain.length).toBeGreaterThan(5)
  for (const block of plain)
    for (let i = block * CHANNELS; i < (block + 1) * CHANNELS; i++)
      expect(Math.abs(latents[i] - (trained[i] * FRACTION) / UNIT)).toBeLessThan(3)
})

test.each([
  ['restored at a coarse step', { step: 104, lowest: false, restored: true }],
  ['restored at a fine one', { step: 40, lowest: false, restored: true }],
  ['not restored', { step: 40, lowest: false, restored: false }],
  ['of the lowest level', { step: 104, lowest: true, restored: true }],
])('the integer decoder draws what the trained one draws, to 45 dB: a picture %s', async (_, how) => {
  const weights = await networks.weights()
  const trained = encoded()
  const latents = {
    latents: Int16Array.from(trained.dataSync(), (value) => Math.round((value * FRACTION) / UNIT)),
    transforms: new Uint8Array(SHAPE.blocksWide * SHAPE.blocksHigh),
  }
  const drawing = { ...how, turned: false, knownStep: KNOWN_STEP }
  const calls = [32, 72, 112].flatMap((step) =>
    [false, true].map((lowest) => ({
      ...{
        shape: SHAPE,
        known,
        latents,
        drawing: { step, lowest, turned: false, restored: true, knownStep: KNOWN_STEP },
      },
    })),
  )
  const compact = compactDecoder(wasm, weights, matricesOf(weights), calls)
  const coder = new BitEncoder()
  codeDecoder(coder, compact)
  expect(readDecoder(coder.finish())).toEqual(expandDecoder(compact))

  const drawn = new GridDecoder(new Convolver(wasm), expandDecoder(compact)).decode(
    SHAPE,
    known,
    latents,
    drawing,
  )
  const logStep = (octaves16: number) => tf.tensor1d([Math.log(UNIT) + (octaves16 / 16) * Math.LN2])
  const up = upsample4(unit(known, HEIGHT / 4, WIDTH / 4))
  const exact = networks
    .decode(trained, up, {
      ...{ lowest: how.lowest, restored: tf.tensor1d([how.restored ? 1 : 0]) },
      ...{ logStep: logStep(how.step), logKnownStep: logStep(KNOWN_STEP) },
    })
    .dataSync()
  const samples = Uint8Array.from(exact, (value) => Math.max(0, Math.min(255, Math.round(value * 255))))
  const inside = (all: Uint8Array) => all.filter((_, i) => isInside(Math.floor(i / 3)))
  expect(psnrDb(mse(inside(drawn), inside(samples)))).toBeGreaterThan(45)
})

/** Not near the border, around which training has grey. */
function isInside(pixel: number): boolean {
  const [x, y] = [pixel % WIDTH, Math.floor(pixel / WIDTH)]
  return Math.min(x, y, WIDTH - 1 - x, HEIGHT - 1 - y) >= 12
}
