/** Writes the golden vectors of container, coder and shipped models beside itself: `npm run test:update-goldens` calls it. */
import { createHash } from 'node:crypto'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isGridDirectory, loadGridDirectory } from '../../node/grid-model-directory.ts'
import { loadModelDirectory } from '../../node/load-model.ts'
import { compress } from '../../shared/codec/codec.ts'
import { packContainer } from '../../shared/codec/container/container.ts'
import { LevelTables } from '../../shared/codec/entropy/level-tables.ts'
import { RangeEncoder } from '../../shared/codec/entropy/range-coder.ts'
import type { Symbols } from '../../shared/codec/entropy/symbols.ts'
import { compressGrid, decompressGrid } from '../../shared/grid/grid-code.ts'
import { compressPreview, previewReader } from '../../shared/grid/preview-codes.ts'
import { areaAverage } from '../../shared/images/resize.ts'
import { fitTables } from '../../train/export/entropy-fit.ts'
import { Random } from '../../train/random.ts'
import { scene } from '../grid/grid-pictures.ts'
import { goldenImages } from './golden-images.ts'

const write = (name: string, value: unknown) =>
  writeFileSync(join(import.meta.dirname, name), `${JSON.stringify(value, null, 1)}\n`)
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

const containers = [
  { modelId: '0000', payload: [] },
  { modelId: '21b2', payload: [1, 2, 3, 254, 255] },
  { modelId: '3fff', payload: [42] },
]
write(
  'container.json',
  containers.map((each) => {
    return { ...each, code: hex(packContainer({ ...each, payload: Uint8Array.from(each.payload) })) }
  }),
)

const LATENTS = 16
const random = new Random(7, 7)
const symbols = Int32Array.from({ length: 4000 * LATENTS }, (_, i) =>
  Math.round(random.normal() * (4 / (1 + (i % LATENTS)))),
)
const psnrsHalfDb = Int32Array.from({ length: 4000 }, () => 40 + Math.round(4 * random.normal()))
const { bytes } = fitTables(symbols, LATENTS, psnrsHalfDb, 3)
const tables = new LevelTables(bytes, LATENTS)
const pack = (packed: Symbols) => {
  const coder = new RangeEncoder()
  tables.pack(coder, packed)
  return coder.finish()
}
const images = Array.from({ length: 24 }, (_, image) => {
  const latent = symbols.slice(image * LATENTS, (image + 1) * LATENTS)
  if (image % 6 === 5) latent[image % LATENTS] = (image % 2 ? 1 : -1) * 40 * image // an escape
  const packed = { component: tables.bestComponent(latent), psnrHalfDb: psnrsHalfDb[image], latent }
  return {
    ...packed,
    latent: [...latent],
    payload: hex(pack(packed)),
    rateBits: tables.rateBits(packed),
  }
})
write('entropy.json', { latents: LATENTS, tables: hex(bytes), images })

const MODELS = join(import.meta.dirname, '..', '..', 'models')
const models = []
for (const name of readdirSync(MODELS).sort()) {
  if (isGridDirectory(join(MODELS, name))) continue // its codes are in long-codes.json
  const model = await loadModelDirectory(join(MODELS, name))
  if (model.preview) continue // its codes are frozen, in preview.json
  const codes = goldenImages(model.manifest.input).map((image) => {
    const { code, samples } = compress(model, image)
    return { code: hex(code), pixelsSha256: createHash('sha256').update(samples).digest('hex') }
  })
  models.push({ name, id: model.manifest.id, codes })
}
write('codes.json', models)

const grid = await loadGridDirectory(join(MODELS, 'grid'))
const preview = await loadModelDirectory(join(MODELS, 'preview'))
const reader = previewReader({ byId: () => preview })
const longCodes = [
  { width: 64, height: 48, maxBytes: 120 },
  { width: 250, height: 167, maxBytes: 1500 },
].map(({ width, height, maxBytes }) => {
  const picture = scene(width, height)
  const small = areaAverage(picture.samples, { width, height, channels: 3 }, preview.manifest.input)
  const previewCode = compressPreview(preview, small, picture).code
  const { code } = compressGrid(grid, reader, { original: picture, picture, scale: 0, previewCode, maxBytes })
  const drawn = [maxBytes, maxBytes >> 1, 60].map((bytes) => {
    const { samples } = decompressGrid(grid, reader, code.subarray(0, bytes)).decoded.picture
    return { bytes, pixelsSha256: createHash('sha256').update(samples).digest('hex') }
  })
  return { width, height, code: hex(code), drawn }
})
write('long-codes.json', longCodes)
