/** Smooth or pixels: how small pictures are enlarged, everywhere on the page. */

import { text } from '../../common/elements.ts'
import { repaintBetween } from '../latent/between.ts'
import { repaintLatent } from '../latent/latent.ts'
import type { Look } from './picture.ts'
import { repaintResult } from './result.ts'

let chosen: Look | undefined
let suggested: Look = 'smooth'

export const look = (): Look => chosen ?? suggested

/** What fits the model, until the visitor chooses. */
export function suggestLook(next: Look): void {
  suggested = next
  for (const radio of text('look').querySelectorAll('input')) radio.checked = radio.value === look()
}

export function startLook(): void {
  text('look').addEventListener('change', ({ target }) => {
    chosen = (target as HTMLInputElement).value as Look
    repaintResult(look())
    repaintLatent(look())
    repaintBetween(look())
  })
}
