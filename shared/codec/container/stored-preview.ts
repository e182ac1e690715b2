/** How a long code holds a numbered preview: its code without the check byte, with zero bytes at its end. */
import { packNumbered } from './container.ts'

/** Further bytes buy more in what follows (shared/grid). */
export const STORED_PREVIEW_BYTES = 22

/** Where a long code's preview begins: after its version and length, which takes 4 bytes if six bits of the first are 1. */
export const previewStart = (code: Uint8Array): number => ((code[0] & 63) === 63 ? 4 : 2)

export function storePreview(code: Uint8Array): Uint8Array {
  const stored = new Uint8Array(STORED_PREVIEW_BYTES)
  stored.set(code.subarray(0, -1))
  return stored
}

/** The code. */
export function restorePreview(stored: Uint8Array): Uint8Array {
  let end = stored.length
  while (end > 1 && stored[end - 1] === 0) end--
  return packNumbered(stored.subarray(0, end))
}
