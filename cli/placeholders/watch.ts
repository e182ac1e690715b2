import { watch } from 'node:fs/promises'
import { extname } from 'node:path'

/** Files come in bursts, and half written: waits until nothing has changed for this long. */
const QUIET_MS = 150

/** Runs `onChange` after each burst of changes below a folder, one run at a time. Ends with the process. */
export async function watchFolder(
  folder: string,
  accepts: (extension: string) => boolean,
  onChange: () => Promise<void>,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  let running = Promise.resolve()
  const start = () => {
    running = running.then(onChange).catch((error: Error) => console.error(`latent64: ${error.message}`))
  }
  for await (const { filename } of watch(folder, { recursive: true })) {
    const extension = extname(filename ?? '').toLowerCase()
    if (extension !== '' && !accepts(extension)) continue // no extension: a folder, perhaps
    clearTimeout(timer)
    timer = setTimeout(start, QUIET_MS)
  }
}
