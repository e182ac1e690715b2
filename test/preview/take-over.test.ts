/** Where previews end and long codes begin. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { compress, decompress } from '../../package/latent64.ts'
import { DistanceFrom } from '../../shared/preview/encoder/distance.ts'

const folder = join(import.meta.dirname, '..', '..', 'edge', 'page', 'front', 'gallery', 'photos')
const photographs = readdirSync(folder).map((name) => join(folder, name))

async function distanceAt(maxBytes: number): Promise<{ mean: number; models: Set<string> }> {
  const models = new Set<string>()
  let sum = 0
  for (const file of photographs) {
    const { code, bytes, model } = await compress(file, { maxBytes })
    expect(bytes.length).toBeLessThanOrEqual(maxBytes)
    models.add(model)
    const size = { width: 256, height: 256, fit: 'inside' } as const
    const { data, info } = await sharp(file)
      .resize(size)
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true })
    const { data: drawn } = await decompress(code, { size: { width: info.width, height: info.height } })
    sum += new DistanceFrom(new Uint8Array(data)).to(drawn)
  }
  return { mean: sum / photographs.length, models }
}

test('at 256 pixels more bytes give a nearer picture, even across the change from preview to long code', {
  timeout: 240_000,
}, async () => {
  let last = Number.POSITIVE_INFINITY
  for (const maxBytes of [28, 34, 55, 56, 60, 67]) {
    const { mean, models } = await distanceAt(maxBytes)
    expect([...models]).toEqual([maxBytes < 56 ? 'preview' : 'grid'])
    expect(mean, `${maxBytes} bytes`).toBeLessThan(last)
    last = mean
  }
})
