/** Runs `latent64 compress` on files. */
import { execFile } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const cli = join(import.meta.dirname, '..', '..', 'cli', 'latent64.ts')
const SOME_FILES_FAILED = 1

/** base64url of each file's code; undefined for those that the CLI does not compress. */
export async function codeFiles(files: Uint8Array[], dir: string): Promise<(string | undefined)[]> {
  const [images, codes] = [join(dir, 'objects'), join(dir, 'codes')]
  for (const each of [images, codes]) {
    await rm(each, { recursive: true, force: true })
    await mkdir(each, { recursive: true })
  }
  for (const [i, bytes] of files.entries()) await writeFile(join(images, `${i}.png`), bytes)
  const args = [cli, 'compress', images, '--out', codes, '--force']
  await promisify(execFile)(process.execPath, args, { maxBuffer: 1 << 28 }).catch((error) => {
    if (error.code !== SOME_FILES_FAILED) throw error
  })
  const made = files.map((_, i) => readFile(join(codes, `${i}.l64`)).catch(() => undefined))
  return (await Promise.all(made)).map((code) => code?.toString('base64url'))
}
