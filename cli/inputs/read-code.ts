import { readFile } from 'node:fs/promises'
import { readStandardInput } from '../../node/atomic-write.ts'
import { PIPE } from '../../node/list-files.ts'
import { fromBase64Url } from '../../shared/codec/base64url.ts'
import { unpackContainer } from '../../shared/codec/container.ts'
import { CodecError } from '../../shared/codec/errors.ts'

/** Extensions taken from folders. */
export const isCodeExtension = (extension: string) => extension === '.l64'

/** A code from a file or a pipe: its bytes, their base64url, or the JSON that compress prints. */
export async function readCode(path: string): Promise<Uint8Array> {
  const bytes = path === PIPE ? await readStandardInput() : new Uint8Array(await readFile(path))
  try {
    unpackContainer(bytes)
    return bytes
  } catch (error) {
    const text = codeText(bytes)
    if (text === undefined || !(error instanceof CodecError)) throw error
    return fromBase64Url(text)
  }
}

function codeText(bytes: Uint8Array): string | undefined {
  const text = Buffer.from(bytes).toString('latin1').trim()
  if (/^[\w-]+$/.test(text)) return text
  if (!text.startsWith('{')) return undefined
  const { code } = JSON.parse(text) as { code?: unknown }
  return typeof code === 'string' ? code : undefined
}
