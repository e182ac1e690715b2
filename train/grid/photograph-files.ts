import { readdirSync } from 'node:fs'
import { extname, join } from 'node:path'
import { isImageExtension } from '../../node/image-type.ts'

/** Every tenth is held out. */
const HELD_OUT = 10

/** Sorted by name. */
export function photographs(folder: string, { heldOut = false } = {}): string[] {
  return readdirSync(folder)
    .filter((name) => isImageExtension(extname(name).toLowerCase()))
    .sort()
    .filter((_, i) => (i % HELD_OUT === HELD_OUT - 1) === heldOut)
    .map((name) => join(folder, name))
}
