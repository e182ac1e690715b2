import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { inject } from 'vitest'
import type { CompressResponse } from '../../edge/schemas.ts'

export const examples = join(import.meta.dirname, '..', '..', 'edge', 'page', 'examples')

/** What POST /compress makes of an example. */
export async function serverSays(name: string, query: string): Promise<CompressResponse> {
  const body = await readFile(join(examples, name))
  const type = name.endsWith('.png') ? 'image/png' : 'image/jpeg'
  const headers = { 'content-type': type }
  return (await fetch(`${inject('open')}/compress?${query}`, { method: 'POST', headers, body })).json()
}

export const chosenModel = (page: Page) => page.locator('#models input:checked').inputValue()
