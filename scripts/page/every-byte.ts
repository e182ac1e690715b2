/** What the front page's slider shows of its first photograph: a long code, previews, and the best WebP and AVIF within each length. */

import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { MOST_BYTES, RIVAL_STOPS, RIVALS, STOPS } from '../../edge/page/front/bytes/stops.ts'
import { bestWithin } from '../../evaluate/long-codes/budget-codecs.ts'
import { openImage } from '../../node/open-image.ts'
import { compress } from '../../package/latent64.ts'
import { LEAST_GRID_BYTES } from '../../shared/grid/grid-container.ts'

const CODECS = { webp: 'WebP', avif: 'AVIF' }
const out = join(import.meta.dirname, '..', '..', 'edge', 'page', 'front', 'bytes')

export async function writeEveryByte(name: string, bytes: Uint8Array): Promise<void> {
  const folder = join(out, name)
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const long = await compress(bytes, { maxBytes: MOST_BYTES })
  await writeFile(join(folder, `${MOST_BYTES}.latent64`), long.bytes)
  const previews: Record<string, string> = {}
  for (const stop of STOPS.filter((each) => each < LEAST_GRID_BYTES))
    previews[stop] = (await compress(bytes, { maxBytes: stop })).code
  const files: Record<string, number[]> = {}
  const image = (await openImage(bytes))!
  const { width, height } = image.shape
  const picture = { width, height, samples: await image.samplesAs({ width, height, channels: 3 }) }
  for (const rival of RIVALS) {
    const best = await bestWithin(picture, CODECS[rival], RIVAL_STOPS)
    files[rival] = RIVAL_STOPS.filter((_, i) => best[i])
    for (const [i, stop] of RIVAL_STOPS.entries())
      if (best[i]) await writeFile(join(folder, `${stop}.${rival}`), best[i].file)
  }
  await writeFile(join(out, `${name}.generated.json`), `${JSON.stringify({ previews, files }, null, 1)}\n`)
}
