/**
 * Writes preview-1.json once: codes of preview 1 and what they decode to. It is frozen, as docs/format.md says, like preview.json
 * for preview 0, and so never written again; delete it by hand only while no code has been published.
 */
import { createHash } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadModelDirectory } from '../../node/load-model.ts'
import { compress } from '../../shared/codec/codec.ts'
import { toBase64Url } from '../../shared/codec/container/base64url.ts'
import { averageColor, decode } from '../../shared/preview/preview.ts'
import { goldenImages } from './golden-images.ts'

const file = join(import.meta.dirname, 'preview-1.json')
if (existsSync(file)) throw new Error('test/vectors/preview-1.json is frozen')
const model = await loadModelDirectory(join(import.meta.dirname, '..', '..', 'models', 'preview'))
const originals = [
  { width: 32, height: 32 },
  { width: 4000, height: 3000 },
  { width: 600, height: 900 },
  { width: 1000, height: 417 },
]
const codes = goldenImages(model.manifest.input).flatMap((image, i) =>
  [8, 14, 21, 24, 34, 60].map((maxBytes, j) => {
    const original = originals[(i + j) % originals.length]
    const alpha = j % 3 === 2 ? image.filter((_, at) => at % 3 === 1) : undefined // green for want of better
    const code = toBase64Url(compress(model, image, { maxBytes, ...original, ...(alpha && { alpha }) }).code)
    const { width, height, rgba } = decode(code)
    const wide = decode(code, { width: 50 })
    return {
      ...{ code, width, height, average: averageColor(code) },
      rgbaSha256: createHash('sha256').update(rgba).digest('hex'),
      wide: { height: wide.height, rgbaSha256: createHash('sha256').update(wide.rgba).digest('hex') },
    }
  }),
)
writeFileSync(file, `${JSON.stringify(codes, null, 1)}\n`)
