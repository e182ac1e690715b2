/** The other codecs' records for a set, from the cache if the same images went through the same versions before. */

import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeWhole } from '../../node/atomic-write.ts'
import { cifar10 } from '../../train/data/cifar10.ts'
import type { ImageSet } from '../../train/data/images.ts'
import { mnist } from '../../train/data/mnist.ts'
import { measurePca } from '../curves/pca.ts'
import type { TestSet } from '../data-set.ts'
import type { ImageRecord } from '../image-record.ts'
import { softwareVersions } from '../software.ts'
import { BASELINES } from './list.ts'
import { measureBaselines } from './measure-baselines.ts'

export async function baselineRecords(
  set: TestSet,
  indices: number[],
  { fresh, jobs }: { fresh?: boolean; jobs?: number },
): Promise<ImageRecord[]> {
  const cache = join('.cache', 'evaluate', `baselines-${keyOf(set, indices)}.json`)
  if (!fresh && existsSync(cache)) return JSON.parse(readFileSync(cache, 'utf8')) as ImageRecord[]
  console.log(`${BASELINES.length} codecs on ${indices.length} images`)
  const records = await measureBaselines(set, indices, jobs)
  const training = await trainingSetFor(set)
  if (training) records.push(...(await measurePca(training, set, indices)))
  await writeWhole(cache, JSON.stringify(records))
  return records
}

function keyOf(set: TestSet, indices: number[]): string {
  const settings = BASELINES.map(({ codec, settings }) => [
    codec,
    settings(set.shape).map(({ setting }) => setting),
  ])
  const all = JSON.stringify([set.digest, indices, settings, softwareVersions()])
  return createHash('sha256').update(all).digest('hex').slice(0, 16)
}

/** The images that PCA is fitted to: MNIST's training set for images of its shape, CIFAR-10's for photographs of 32x32. */
async function trainingSetFor({ shape, name }: TestSet): Promise<ImageSet | undefined> {
  const fits = (height: number, channels: number) =>
    shape.height === height && shape.width === height && shape.channels === channels
  if (fits(28, 1)) return mnist('train')
  if (!fits(32, 3)) return undefined
  try {
    return await cifar10('train')
  } catch (error) {
    console.log(`no PCA beside ${name}: CIFAR-10's training set cannot be had (${(error as Error).message})`)
    return undefined
  }
}
