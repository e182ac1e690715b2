/** The built-in picture's codes and samples as computed by Node, for /health to compare with the worker's. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Goldens, gridGoldenKey, HEALTH_PICTURE, healthImage } from '../edge/routes/health-golden.ts'
import { listGridModels, loadGridDirectory } from '../node/grid-model-directory.ts'
import { loadModelDirectory } from '../node/load-model.ts'
import { compress } from '../shared/codec/codec.ts'
import { toBase64Url } from '../shared/codec/container/base64url.ts'
import type { Model } from '../shared/codec/model.ts'
import { compressLong } from '../shared/grid/long-code.ts'
import type { Manifest } from '../shared/manifest.ts'

/** Reaches both levels of HEALTH_PICTURE's pyramid. */
const HEALTH_CODE_BYTES = 400

/** `directory` is the assets' static/models. */
export async function buildGoldens(manifests: Manifest[], directory: string): Promise<void> {
  const goldens: Goldens = {}
  let preview: Model | undefined
  for (const manifest of manifests) {
    const model = await loadModelDirectory(join(directory, manifest.name))
    if (model.preview || (!preview && manifest.input.channels === 3)) preview = model
    const { code, samples } = compress(model, healthImage(manifest.input))
    goldens[manifest.id] = { code: toBase64Url(code), samples: toBase64Url(samples) }
  }
  for (const grid of preview ? listGridModels(directory) : []) {
    const loaded = await loadGridDirectory(grid)
    const { code, decoded } = compressLong(loaded, preview!, HEALTH_PICTURE, { maxBytes: HEALTH_CODE_BYTES })
    const samples = toBase64Url(decoded.picture.samples)
    goldens[gridGoldenKey(loaded.number)] = { code: toBase64Url(code), samples }
  }
  await writeFile(join(directory, 'goldens.json'), JSON.stringify(goldens))
}
