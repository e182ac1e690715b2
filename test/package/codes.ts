/** Codes of photographs, made once by the packed Node API. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { inject } from 'vitest'
import type * as Latent64 from '../../package/latent64.ts'

const examples = join(import.meta.dirname, '..', '..', 'edge', 'page', 'examples')
const names = ['cat.jpg', 'coffee.jpg', 'astronaut.jpg', 'rocket.jpg']

let codes: Promise<string[]> | undefined

/** `count` codes, of several photographs at several sizes. */
export async function codesOf(count: number): Promise<string[]> {
  codes ??= make()
  const all = await codes
  return Array.from({ length: count }, (_, i) => all[i % all.length])
}

async function make(): Promise<string[]> {
  const { compress } = (await import(
    pathToFileURL(join(inject('project'), 'node_modules', 'latent64', 'node', 'latent64.js')).href
  )) as typeof Latent64
  const wishes = names.flatMap((name) => [undefined, 18, 22, 30].map((maxBytes) => ({ name, maxBytes })))
  return Promise.all(
    wishes.map(async ({ name, maxBytes }) => (await compress(join(examples, name), { maxBytes })).code),
  )
}
