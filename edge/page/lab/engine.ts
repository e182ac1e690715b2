/**
 * The codec in the browser: the same shared/ modules and the same wasm kernels as in the worker, so the same bits.
 * Also an entry point of its own (/static/page/engine.js): the test in Chromium compares it with the worker.
 */

import { EntropyModel, splitTables } from '../../../shared/codec/entropy/entropy-model.ts'
import type { Model, PreviewModel, TableModel } from '../../../shared/codec/model.ts'
import { decodeLatent } from '../../../shared/codec/transform.ts'
import { type Manifest, MODEL_PATHS } from '../../../shared/manifest.ts'
import { planNetwork } from '../../../shared/network/executor.ts'
import { loadKernels } from '../../../shared/network/kernels/kernels.ts'
import type { LayersFile } from '../../../shared/network/layers/layers-file.ts'
import { previewDecoder } from '../../../shared/preview/model.ts'
import { fetchOk } from '../common/fetch-ok.ts'
import { once } from '../common/once.ts'

export { compress } from '../../../shared/codec/codec.ts'
export { decodeLatent }

/** What decoding takes: a model without its encoder. */
export type Decoder = Omit<TableModel, 'encoder'> | Omit<PreviewModel, 'encoder'>

const KERNEL_URLS = ['/static/page/kernels.wasm', '/static/page/own-kernels.wasm']

const decoders = new Map<string, Promise<Decoder>>()
const loaded = new Map<string, Decoder>()
const models = new Map<string, Promise<Model>>()

/** Loaded once. */
export const loadDecoder = (manifest: Manifest) => onceEach(decoders, manifest, fetchDecoder)

/** The decoder, if it is here already. */
export const loadedDecoder = ({ id }: Manifest) => loaded.get(id)

/** For a page whose server does not let it compress. Loaded once. */
export const loadWholeModel = (manifest: Manifest) =>
  onceEach(models, manifest, async (): Promise<Model> => {
    const [decoder, encoder] = await Promise.all([loadDecoder(manifest), fetchLayers(manifest, 'encoder')])
    return { ...decoder, encoder: planNetwork(await loadOnce(), encoder) }
  })

async function fetchDecoder(manifest: Manifest): Promise<Decoder> {
  const decoder = await (manifest.isPreview ? fetchPreview : fetchNetworkDecoder)(manifest)
  loaded.set(manifest.id, decoder)
  return decoder
}

/** No kernels are needed. */
async function fetchPreview(manifest: Manifest): Promise<Decoder> {
  const file = await fetchFile(manifest, MODEL_PATHS.preview)
  return previewDecoder(manifest, new Uint8Array(await file.arrayBuffer()))
}

async function fetchNetworkDecoder(manifest: Manifest): Promise<Decoder> {
  const [file, tables, wasm] = await Promise.all([
    fetchLayers(manifest, 'decoder'),
    fetchFile(manifest, MODEL_PATHS.tables),
    loadOnce(),
  ])
  const parts = splitTables(new Uint8Array(await tables.arrayBuffer()), manifest.levels.length)
  const entropyModel = new EntropyModel(parts, manifest.latent)
  return { manifest, entropyModel, decoder: planNetwork(wasm, file) }
}

async function fetchLayers(manifest: Manifest, part: 'encoder' | 'decoder'): Promise<LayersFile> {
  const paths = MODEL_PATHS[part]
  const [topology, weights] = await Promise.all([
    fetchFile(manifest, paths.topology),
    fetchFile(manifest, paths.weights),
  ])
  return { topology: await topology.json(), weights: new Uint8Array(await weights.arrayBuffer()) }
}

const fetchFile = (manifest: Manifest, path: string) => fetchOk(`/static/models/${manifest.name}/${path}`)

const fetchModule = async (url: string) => WebAssembly.compile(await (await fetchOk(url)).arrayBuffer())

const loadOnce = once(async () => {
  const [backend, dense] = await Promise.all(KERNEL_URLS.map(fetchModule))
  return loadKernels(backend!, dense)
})

/** A failed load is forgotten, so that the next try is a new one. */
function onceEach<T>(
  all: Map<string, Promise<T>>,
  manifest: Manifest,
  load: (manifest: Manifest) => Promise<T>,
) {
  let loading = all.get(manifest.id)
  if (!loading) {
    loading = load(manifest)
    all.set(manifest.id, loading)
    loading.catch(() => all.delete(manifest.id))
  }
  return loading
}
