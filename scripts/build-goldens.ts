/** The codes and samples of the built-in picture as Node computes them: what /health holds the worker to. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Goldens, healthImage } from '../edge/routes/health-golden.ts'
import { loadModelDirectory } from '../node/load-model.ts'
import { compress } from '../shared/codec/codec.ts'
import { toBase64Url } from '../shared/codec/container/base64url.ts'
import type { Manifest } from '../shared/manifest.ts'

/** `directory` is the assets' static/models. */
export async function buildGoldens(manifests: Manifest[], directory: string): Promise<void> {
  const goldens: Goldens = {}
  for (const manifest of manifests) {
    const model = await loadModelDirectory(join(directory, manifest.name))
    const { code, samples } = compress(model, healthImage(manifest.input))
    goldens[manifest.id] = { code: toBase64Url(code), samples: toBase64Url(samples) }
  }
  await writeFile(join(directory, 'goldens.json'), JSON.stringify(goldens))
}
