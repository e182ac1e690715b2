/**
 * package/long/long-files.ts as the npm package has it: the files inside the script, so that no bundler or CDN loses them.
 * Deflated before they become base64, which hides from gzip what it could save: 4 kB.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { gridWasmPaths, SHIPPED_MODELS } from '../../node/installed-files.ts'
import { GRID_PATHS } from '../../shared/grid/grid-manifest.ts'

export async function longFilesModule(): Promise<string> {
  const paths = {
    tables: join(SHIPPED_MODELS, 'grid', GRID_PATHS.tables),
    decoder: join(SHIPPED_MODELS, 'grid', GRID_PATHS.decoder),
    ...gridWasmPaths,
  }
  const text = async (path: string) => deflateRawSync(await readFile(path), { level: 9 }).toString('base64')
  const files = Object.entries(paths).map(
    async ([name, path]) => `${name}: await bytes("${await text(path)}")`,
  )
  return `const inflate = (bytes) => new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'))
const bytes = async (text) => {
  const deflated = Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  return new Uint8Array(await new Response(inflate(deflated)).arrayBuffer())
}
export const longFiles = async () => ({
  ${(await Promise.all(files)).join(',\n  ')},
})
`
}
