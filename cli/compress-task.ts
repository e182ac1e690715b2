import { readFile } from 'node:fs/promises'
import { readStandardInput, writeStandardOutput, writeWhole } from '../node/atomic-write.ts'
import { PIPE } from '../node/list-files.ts'
import { findModel } from '../node/model-directory.ts'
import { toBase64Url } from '../shared/codec/base64url.ts'
import { type Compressed, type CompressOptions, compress } from '../shared/codec/codec.ts'
import { compressResponse } from '../shared/codec/compress-response.ts'
import type { CompressFormat } from './formats.ts'
import { type ImageInput, readImage } from './inputs/image-input.ts'
import { ModelStore } from './inputs/model-store.ts'
import type { Job } from './jobs/list-jobs.ts'

export interface CompressSetup {
  /** A model's name or directory. */
  model?: string
  options: CompressOptions
  format: CompressFormat
}

export interface Compression {
  inputBytes: number
  codeBytes: number
  mse: number
}

/** Reads one image and writes its code. */
export function compressTask({ model, options, format }: CompressSetup): (job: Job) => Promise<Compression> {
  const store = new ModelStore(model === undefined ? [] : [model])
  const named = model === undefined ? undefined : findModel(model)
  return async ({ input, output }) => {
    const bytes = input === PIPE ? await readStandardInput() : new Uint8Array(await readFile(input))
    const image = await readImage(bytes, store, named)
    const { samples, width, height } = image
    const compressed = compress(await store.load(image.chosen), samples, { ...options, width, height })
    const written = render(image, compressed, format)
    await (output === PIPE ? writeStandardOutput(written) : writeWhole(output, written))
    return { inputBytes: bytes.length, codeBytes: compressed.code.length, mse: compressed.mse }
  }
}

function render(image: ImageInput, compressed: Compressed, format: CompressFormat): Uint8Array | string {
  if (format === 'binary') return compressed.code
  if (format === 'base64url') return `${toBase64Url(compressed.code)}\n`
  return `${JSON.stringify(compressResponse(image.chosen.manifest, image, compressed))}\n`
}
