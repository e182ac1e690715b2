/**
 * Compares networks of several sizes after the same training: quality, bytes of weights, multiplications, time.
 *
 *     node evaluate/curves/sizes.ts runs/sizes/256-128 runs/sizes/512-256 models/mnist
 *
 * All test images at each model's default level, one at a time in Node.
 */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { writeJson } from '../../node/atomic-write.ts'
import { loadModelDirectory } from '../../node/load-model.ts'
import { psnrDb } from '../../shared/images/metrics.ts'
import { MODEL_PATHS } from '../../shared/manifest.ts'
import { readGraph } from '../../shared/network/layers/layer-graph.ts'
import type { LayersJson } from '../../shared/network/layers/layers-file.ts'
import { openTestSet } from '../data-set.ts'
import { measureModel } from '../measure-model.ts'
import { median } from '../median.ts'
import { rounded } from '../rounded.ts'

export interface Size {
  name: string
  /** Hidden units of the encoder; the decoder has the same, reversed. */
  widths: number[]
  testSet: string
  bytes: number
  psnrDb: number
  /** Encoder and decoder together. */
  macs: number
  weightBytes: number
  /** Medians; compress decodes too. */
  compressUs: number
  decompressUs: number
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

function hiddenUnits(directory: string): number[] {
  const topology = JSON.parse(readFileSync(join(directory, MODEL_PATHS.encoder.topology), 'utf8'))
  const { nodes } = readGraph(topology as LayersJson)
  return nodes.filter(({ name }) => name.startsWith('hidden')).map(({ config }) => config.units as number)
}

async function measureSize(directory: string): Promise<Size> {
  const model = await loadModelDirectory(directory)
  const { manifest, encoder, decoder } = model
  const set = await openTestSet(manifest.input.channels === 1 ? 'mnist' : 'cifar10', manifest.input)
  const rate = { setting: 'default', options: { level: manifest.defaultLevel } }
  const records = [...measureModel(model, set, [rate])].map((record) => record!)
  const bytesOf = ({ weights }: { weights: string }) => statSync(join(directory, weights)).size
  return {
    name: manifest.name,
    widths: hiddenUnits(directory),
    testSet: set.name,
    bytes: mean(records.map(({ bytes }) => bytes.total)),
    psnrDb: psnrDb(mean(records.map(({ mse }) => mse))),
    macs: encoder.macs + decoder.macs,
    weightBytes: bytesOf(MODEL_PATHS.encoder) + bytesOf(MODEL_PATHS.decoder),
    compressUs: median(records.map((record) => record.encodeMicroseconds!)),
    decompressUs: median(records.map((record) => record.decodeMicroseconds!)),
  }
}
const sizes: Size[] = []
for (const directory of process.argv.slice(2)) sizes.push(await measureSize(directory))
await writeJson(join(import.meta.dirname, '..', '..', 'results', 'sizes.json'), { sizes }, rounded)
console.table(sizes)
process.exit()
