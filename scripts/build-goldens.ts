/** The codes and samples of the built-in picture as Node computes them: what /health holds the worker to. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Goldens, healthImage } from '../edge/health-golden.ts'
import { toBase64Url } from '../shared/base64url.ts'
import { compress, loadModel } from '../shared/codec.ts'
import { planNetwork } from '../shared/executor.ts'
import { type LayersFile, type Manifest, MODEL_PATHS } from '../shared/manifest.ts'
import { loadNodeKernels } from '../train/node-kernels.ts'

/** `directory` is the assets' static/models; models that need Node are left out, as the worker leaves them out. */
export async function buildGoldens(manifests: Manifest[], directory: string): Promise<void> {
  const kernels = await loadNodeKernels()
  const goldens: Goldens = {}
  for (const manifest of manifests.filter(({ unsupportedOps }) => unsupportedOps.length === 0)) {
    const read = (path: string) => readFile(join(directory, manifest.name, path))
    const layers = async (paths: { topology: string; weights: string }): Promise<LayersFile> => ({
      topology: JSON.parse((await read(paths.topology)).toString()),
      weights: await read(paths.weights),
    })
    const [encoder, decoder] = [await layers(MODEL_PATHS.encoder), await layers(MODEL_PATHS.decoder)]
    const files = { manifest, tables: await read(MODEL_PATHS.tables), encoder, decoder }
    const model = loadModel(files, (file) => planNetwork(kernels, file))
    const { code, samples } = compress(model, healthImage(manifest.input))
    goldens[manifest.id] = { code: toBase64Url(code), samples: toBase64Url(samples) }
  }
  await writeFile(join(directory, 'goldens.json'), JSON.stringify(goldens))
}
