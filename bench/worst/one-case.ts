/** One request of a case, and what cases are made of. */
import { join } from 'node:path'
import sharp from 'sharp'
import { type Request, send } from './send.ts'
import type { WorstCase } from './worst-case.ts'

export const JPEG = 'image/jpeg'
export const PNG = 'image/png'
export const REFUSED = 413
export const examples = join(import.meta.dirname, '..', '..', 'edge', 'page', 'examples')

export type Make<T> = () => T | Promise<T>

export function one(
  kind: WorstCase['kind'],
  name: string,
  make: Make<Request>,
  ...expected: number[]
): WorstCase {
  const prepare = async () => {
    const request = await make()
    return async (port: number) => [(await send(port, request)).status]
  }
  return { kind, name, expected, prepare }
}

export const repeat = (count: number, file: Uint8Array) => new Array<Uint8Array>(count).fill(file)

export const photograph = (side: number) =>
  sharp(join(examples, 'coffee.jpg')).resize(side, side, { fit: 'fill' })
