/** The tables of docs/evaluation.md over rates and sizes. */
import type { EveryRate } from './every-rate.ts'
import type { Size } from './sizes.ts'

type Table = (head: string[], rows: string[][]) => string

export function everyRateTable({ preset, widths, epochs, single }: EveryRate, table: Table): string {
  const rows = single.map(({ lambda, idealBytes, psnrDb, behindDb }) => [
    String(lambda),
    idealBytes.toFixed(1),
    psnrDb.toFixed(2),
    (psnrDb - behindDb).toFixed(2),
    behindDb.toFixed(2),
  ])
  const head = ['lambda', 'ideal bytes', 'trained for it, dB', 'one model, dB', 'behind by']
  return `${preset}, ${widths.join('-')} hidden units, ${epochs} epochs each:\n\n${table(head, rows)}`
}

export function sizesTable({ sizes }: { sizes: Size[] }, table: Table): string {
  const rows = sizes.map((size) => [
    `${size.testSet}, ${size.widths.join('-')}`,
    size.bytes.toFixed(1),
    size.psnrDb.toFixed(2),
    (size.macs / 1e6).toFixed(2),
    (size.weightBytes / 1e6).toFixed(2),
    size.compressUs.toFixed(0),
    size.decompressUs.toFixed(0),
  ])
  const head = [
    ...['test set, hidden units', 'bytes', 'dB', 'million MAC', 'MB of weights', 'compress us'],
    'decompress us',
  ]
  return table(head, rows)
}
