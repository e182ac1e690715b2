/** Pictures of long codes (shared/grid), whole or cut. */
import { decompress } from '../../../shared/codec/codec.ts'
import { decompressGrid, type GridDecompressed, openGrid } from '../../../shared/grid/grid-code.ts'
import { previewReader } from '../../../shared/grid/preview-codes.ts'
import type { Models } from '../../models/models.ts'
import type { LongCodeBudget } from '../long-code-budget.ts'
import type { Picture } from './picture.ts'

/** Drawing a code that is cut to its preview costs as little as any preview. Throws CodecError, 413 and 429. */
export function spendOn(code: Uint8Array, longCodes: LongCodeBudget): void {
  const { beforePlanes } = openGrid(code)
  if (beforePlanes) longCodes.spend(beforePlanes.size)
}

export async function gridPicture(models: Models, code: Uint8Array): Promise<Picture> {
  const { beforePlanes, previewCode, totalBytes } = openGrid(code)
  await models.forCode(previewCode)
  if (!beforePlanes)
    return { ...decompress(models, previewCode), beginning: { bytes: code.length, totalBytes } }
  const grid = await models.grids.numbered(beforePlanes.modelNumber)
  return pictureOf(grid.name, decompressGrid(grid, previewReader(models), code))
}

function pictureOf(name: string, { decoded, width, height, bytes, totalBytes }: GridDecompressed): Picture {
  const { samples, ...size } = decoded.picture
  return {
    model: { manifest: { name, input: { ...size, channels: 3 } } },
    ...{ samples, width, height },
    ...(bytes < totalBytes && { beginning: { bytes, totalBytes } }),
  }
}
