/**
 * What it costs a preview to describe its symbols' distributions by two numbers per dimension and not by tables: the
 * ideal bits of the same symbols, of CIFAR-10's test photographs. Everything here is fitted to the same training
 * photographs.
 *
 *     node evaluate/curves/table-cost.ts         # results/table-cost.json
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { writeJson } from '../../node/atomic-write.ts'
import { loadModelDirectory } from '../../node/load-model.ts'
import { findModel } from '../../node/model-directory.ts'
import { LevelTables } from '../../shared/codec/entropy/level-tables.ts'
import { COST_UNITS_PER_BIT, type SymbolTables } from '../../shared/codec/entropy/symbols.ts'
import type { PreviewModel } from '../../shared/codec/model.ts'
import { quantize } from '../../shared/codec/quantize/quantizer.ts'
import { encode } from '../../shared/codec/transform.ts'
import { PreviewEntropyModel } from '../../shared/preview/encoder/tables.ts'
import { readParameters } from '../../shared/preview/parameters.ts'
import { cifar10 } from '../../train/data/cifar10.ts'
import { fitTables } from '../../train/export/entropy-fit.ts'
import { fitDistributions } from '../../train/export/preview/preview-fit.ts'
import { evenly, imagesOf } from '../data-set.ts'
import { rounded } from '../rounded.ts'

const LEVELS = [4, 8, 12]
const [TRAINING, TEST, BATCH] = [20_000, 4000, 250]
/** A constant error, as its table is not part of the comparison. */
const ANY_ERROR = new Int32Array([40])

export interface TableCost {
  images: number
  tables: { name: string; bytes: number; bits: number[] }[]
  levels: number[]
}

async function latentsOf(model: PreviewModel, part: 'train' | 'test', count: number): Promise<Float32Array> {
  const all = imagesOf(await cifar10(part), model.manifest.input)
  const images = evenly(all.length, count).map((i) => all[i])
  const latents = new Float32Array(count * model.manifest.latent)
  for (let first = 0; first < count; first += BATCH)
    for (const [i, latent] of encode(model, images.slice(first, first + BATCH)).entries())
      latents.set(latent, (first + i) * model.manifest.latent)
  return latents
}

/** [images][latent], chosen by the shipped numbers' costs. */
function symbolsOf(model: PreviewModel, latents: Float32Array, level: number): Int32Array {
  const { latent } = model.manifest
  const symbols = new Int32Array(latents.length)
  for (let at = 0; at < latents.length; at += latent)
    quantize(
      latents.subarray(at, at + latent),
      model.manifest.levels[level],
      model.entropyModel.level(level),
      1,
      symbols.subarray(at, at + latent),
    )
  return symbols
}

/** Bits of component and symbols, in the component that takes the fewest. */
function meanBits(tables: SymbolTables, symbols: Int32Array, latent: number): number {
  let cost = 0
  for (let at = 0; at < symbols.length; at += latent) {
    const own = symbols.subarray(at, at + latent)
    cost += tables.latentCost(tables.bestComponent(own), own)
  }
  return cost / COST_UNITS_PER_BIT / (symbols.length / latent)
}

async function run(): Promise<void> {
  const { directory } = findModel('preview')
  const model = await loadModelDirectory(directory)
  if (!model.preview) throw new Error('expected a preview')
  const { latent, levels } = model.manifest
  const training = await latentsOf(model, 'train', TRAINING)
  const test = await latentsOf(model, 'test', TEST)
  const refitted = readParameters(new Uint8Array(readFileSync(join(directory, 'decoder.bin'))))
  fitDistributions(refitted, { latents: training.subarray(0, 6000 * latent), levels })
  const numbers = Buffer.concat([new Uint8Array(refitted.locations), refitted.scales])
  const again = new PreviewEntropyModel(refitted)
  const shipped = { name: 'two numbers, as shipped', bytes: gzipSync(numbers).length, bits: [] as number[] }
  const own = { name: 'two numbers, fitted here', bytes: shipped.bytes, bits: [] as number[] }
  const fitted = [16, 64].map((count) => ({
    ...{ name: `tables of their own, ${count} components`, count, bytes: 0, bits: [] as number[] },
  }))
  for (const level of LEVELS) {
    const known = symbolsOf(model, training, level)
    const symbols = symbolsOf(model, test, level)
    shipped.bits.push(meanBits(model.entropyModel.level(level), symbols, latent))
    own.bits.push(meanBits(again.level(level), symbols, latent))
    for (const each of fitted) {
      const { bytes } = fitTables(known, latent, ANY_ERROR, each.count)
      each.bytes += (gzipSync(bytes).length * levels.length) / LEVELS.length
      each.bits.push(meanBits(new LevelTables(bytes, latent), symbols, latent))
    }
  }
  const tables = [shipped, own, ...fitted.map(({ count: _, ...each }) => each)]
  const result: TableCost & { kind: string } = { kind: 'table-cost', images: TEST, levels: LEVELS, tables }
  console.table(tables)
  await writeJson(join(import.meta.dirname, '..', '..', 'results', 'table-cost.json'), result, rounded)
}

if (process.argv[1] === import.meta.filename) await run()
