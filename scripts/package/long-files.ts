/** package/long/long-files.ts as the npm package has it: the files inside the script, in base64, so that no bundler or CDN loses them. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gridWasmPaths, SHIPPED_MODELS } from '../../node/installed-files.ts'
import { GRID_PATHS } from '../../shared/grid/grid-manifest.ts'

export async function longFilesModule(): Promise<string> {
  const text = async (path: string) => JSON.stringify((await readFile(path)).toString('base64'))
  const grid = (path: string) => text(join(SHIPPED_MODELS, 'grid', path))
  return `const bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
export const longFiles = async () => ({
  tables: bytes(${await grid(GRID_PATHS.tables)}),
  decoder: bytes(${await grid(GRID_PATHS.decoder)}),
  convolve: bytes(${await text(gridWasmPaths.convolve)}),
  pixels: bytes(${await text(gridWasmPaths.pixels)}),
  planeCoder: bytes(${await text(gridWasmPaths.planeCoder)}),
})
`
}
