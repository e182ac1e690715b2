/**
 * Makes everything that depends only on results/*.json: the plots, docs/out-of-distribution.md, docs/families.md and
 * the JSON Schema.
 *
 *     npm run plots
 */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { toJsonSchema } from '@valibot/to-json-schema'
import * as v from 'valibot'
import { writeWhole } from '../node/atomic-write.ts'
import { familiesPage } from '../train/families/families-page.ts'
import type { FamilyResults } from '../train/families/results.ts'
import { plotRateDistortion } from './curves/plot-rate-distortion.ts'
import { outOfDistributionPage } from './out-of-distribution/ood-page.ts'
import { type OutOfDistribution, type RateDistortion, ResultSchema } from './results-schema.ts'

const ROOT = join(import.meta.dirname, '..')
const RESULTS = join(ROOT, 'results')

/** The files of results/ that this schema describes; those of bench/ have their own. */
export function resultFiles(): string[] {
  const curves = readdirSync(join(RESULTS, 'rate-distortion')).filter((file) => file.startsWith('rd-'))
  return ['out-of-distribution.json', ...curves.sort().map((file) => join('rate-distortion', file))]
}

const readResult = (file: string): RateDistortion | OutOfDistribution =>
  v.parse(ResultSchema, JSON.parse(readFileSync(join(RESULTS, file), 'utf8')))

export const jsonSchema = () => `${JSON.stringify(toJsonSchema(ResultSchema), null, 2)}\n`

const readFamilies = () => JSON.parse(readFileSync(join(RESULTS, 'families.json'), 'utf8')) as FamilyResults

async function plot(): Promise<void> {
  await writeWhole(join(RESULTS, 'schema.json'), jsonSchema())
  await writeWhole(join(ROOT, 'docs', 'families.md'), familiesPage(readFamilies()))
  for (const file of resultFiles()) {
    const result = readResult(file)
    if (result.kind === 'out-of-distribution') {
      await writeWhole(join(ROOT, 'docs', 'out-of-distribution.md'), outOfDistributionPage(result))
      continue
    }
    const name = `plots/${basename(file, '.json')}`
    await writeWhole(join(RESULTS, `${name}-psnr.svg`), await plotRateDistortion(result, 'psnrDb'))
    await writeWhole(join(RESULTS, `${name}-ssim.svg`), await plotRateDistortion(result, 'ssim'))
    console.log(`results/${name}-psnr.svg, -ssim.svg`)
  }
}

if (process.argv[1] === import.meta.filename) await plot()
