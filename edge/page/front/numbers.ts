/** What one wants to know before using it. Filled in by scripts/build-assets.ts from what is built. */
import { text } from '../common/elements.ts'

declare const DECODER_KB: string

const numbers: [string, string][] = [
  ['22 to 32 bytes', 'a photograph, everything included'],
  [`${DECODER_KB} kB`, 'of script to draw them, gzipped, without dependencies'],
  ['Bit for bit', 'the same picture in every browser and on every server: integers only'],
  ['< 1 ms', 'to draw one; 200 on a page without a layout shift'],
]

export function showNumbers(): void {
  for (const [number, meaning] of numbers) {
    const [dt, dd, group] = ['dt', 'dd', 'div'].map((name) => document.createElement(name))
    dt!.textContent = number
    dd!.textContent = meaning
    group!.append(dt!, dd!)
    text('numbers').append(group!)
  }
}
