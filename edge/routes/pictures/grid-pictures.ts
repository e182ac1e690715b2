/** Pictures of long codes (shared/grid), whole or cut. */
import { decompressGrid, type GridDecompressed, openGrid } from '../../../shared/grid/grid-code.ts'
import { previewReader } from '../../../shared/grid/preview-codes.ts'
import type { Models } from '../../models/models.ts'
import type { Picture } from './picture.ts'

/** The size at which a long code holds its picture. Throws CodecError. */
export const gridSize = (code: Uint8Array) => openGrid(code).size

export async function gridPicture(models: Models, code: Uint8Array): Promise<Picture> {
  const { modelNumber, previewCode } = openGrid(code)
  const grid = await models.grids.numbered(modelNumber)
  await models.forCode(previewCode)
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
