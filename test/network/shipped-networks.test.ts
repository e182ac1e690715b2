/** The networks of the shipped models, by the planned executor in Node and in workerd: the very bits of plain tf.layers. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readFilesOf } from '../../node/load-model.ts'
import { listModels } from '../../node/model-directory.ts'
import { loadNodeKernels } from '../../node/node-kernels.ts'
import { loadPlain, predictPlain, usePlainTfjs } from '../../node/tensorflow/plain-tfjs.ts'
import { defaultWorkerd, prepareWorkerd, type RunningWorkerd, startWorkerd } from '../../scripts/workerd.ts'
import { planNetwork } from '../../shared/network/executor.ts'
import { noise } from './noise.ts'

const PORT = 8347
const shipped = defaultWorkerd.models[0]
/** A preview has an encoder network alone, a grid model none of this kind. */
const parts = listModels(shipped).flatMap(({ manifest: { name, isPreview } }) =>
  (isPreview ? (['encoder'] as const) : (['encoder', 'decoder'] as const)).map((part) => ({ name, part })),
)

let dir: string
let server: RunningWorkerd

beforeAll(async () => {
  await usePlainTfjs()
  dir = await mkdtemp(join(tmpdir(), 'latent64-networks-'))
  const entry = join('test', 'worker', 'network-worker.ts')
  const config = await prepareWorkerd({ ...defaultWorkerd, port: PORT, dir, entry })
  server = await startWorkerd(config, PORT, { logs: false })
})

afterAll(async () => {
  await server?.stop()
  await rm(dir, { recursive: true, force: true })
})

async function inWorkerd(path: string, input: Float32Array<ArrayBuffer>): Promise<Float32Array> {
  const response = await fetch(`${server.url}/${path}`, { method: 'POST', body: input })
  expect(response.status).toBe(200)
  return new Float32Array(await response.arrayBuffer())
}

describe('networks', () => {
  it.each(parts)('$name $part at batch 1 and 64', async ({ name, part }) => {
    const files = await readFilesOf(join(shipped, name))
    const file = part === 'decoder' && 'decoder' in files ? files.decoder : files.encoder
    const plain = await loadPlain(file)
    const planned = planNetwork(await loadNodeKernels(), file)
    for (const batch of [1, 64]) {
      const input = noise(batch * planned.inputSize) as Float32Array<ArrayBuffer>
      const expected = predictPlain(plain, input, batch)
      planned.input(batch).set(input)
      expect(planned.run(batch)).toEqual(expected)
      expect(await inWorkerd(`${name}/${part}`, input)).toEqual(expected)
    }
  })
})
