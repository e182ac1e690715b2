import { existsSync } from 'node:fs'
import { extname } from 'node:path'
import { readBytes, readStandardInput } from '../../node/atomic-write.ts'
import { PIPE } from '../../node/list-files.ts'
import { fromBase64Url } from '../../shared/codec/container/base64url.ts'
import { unpackContainer } from '../../shared/codec/container/container.ts'
import { isGridCode, unpackGridContainer } from '../../shared/grid/grid-container.ts'
import type { CompressFormat } from '../formats.ts'

/** Extensions by the format that `compress --format` writes. */
export const CODE_EXTENSIONS: Record<CompressFormat, string> = {
  binary: '.l64',
  base64url: '.txt',
  json: '.json',
}

/** Files in folders are read if they have one of these extensions. */
export const isCodeExtension = (extension: string) => Object.values(CODE_EXTENSIONS).includes(extension)

/** A text file in a folder that is not a code, such as a README beside codes. */
export class NoCodeError extends Error {
  override name = 'NoCodeError'
}

/**
 * Reads a code: a file or pipe with its bytes, its base64url or the JSON that compress prints; or base64url as an
 * argument. Throws NoCodeError for a text file in a folder that holds no code, otherwise CodecError.
 */
export async function readCode(source: string, { isFound = false } = {}): Promise<Uint8Array> {
  if (source !== PIPE && !existsSync(source) && isCode(source)) return fromBase64Url(source)
  const bytes = await (source === PIPE ? readStandardInput() : readBytes(source))
  try {
    checkCode(bytes)
    return bytes
  } catch (error) {
    const text = codeText(bytes)
    if (text !== undefined) return fromBase64Url(text)
    if (isFound && extname(source).toLowerCase() !== CODE_EXTENSIONS.binary)
      throw new NoCodeError('no code', { cause: error })
    throw error
  }
}

function checkCode(bytes: Uint8Array): void {
  if (isGridCode(bytes) && bytes.length > 2) unpackGridContainer(bytes)
  else unpackContainer(bytes)
}

function isCode(text: string): boolean {
  try {
    checkCode(fromBase64Url(text))
    return true
  } catch {
    return false
  }
}

/** The base64url of a code in a text file; undefined if there is none. */
function codeText(bytes: Uint8Array): string | undefined {
  const text = Buffer.from(bytes).toString('utf8').trim()
  if (/^[\w-]+$/.test(text)) return text
  if (!text.startsWith('{')) return undefined
  try {
    const { code } = JSON.parse(text) as { code?: unknown }
    return typeof code === 'string' ? code : undefined
  } catch {
    return undefined
  }
}
