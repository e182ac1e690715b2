/** The tables of docs/evaluation.md over rates and sizes. */
import type { EveryRate } from './every-rate.ts'
import type { Size } from './sizes.ts'
import type { TableCost } from './table-cost.ts'

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

export function tableCostTable({ images, levels, tables }: TableCost, table: Table): string {
  const rows = tables.map(({ name, bytes, bits }) => [
    name,
    (bytes / 1000).toFixed(0),
    ...bits.map((each) => each.toFixed(1)),
  ])
  const head = ['symbols told by', 'kB gzipped', ...levels.map((level) => `level ${level}, bits`)]
  return `Ideal bits of an image's symbols, means over ${images} of CIFAR-10's test photographs:\n\n${table(head, rows)}`
}

/** files: each model's, with their bytes. */
export function modelSizesTable(
  models: { name: string; encoder: number; decoder: number; tables: number }[],
  table: Table,
): string {
  const megabytes = (bytes: number) => (bytes === 0 ? '' : (bytes / 1e6).toFixed(2))
  const rows = models.map(({ name, encoder, decoder, tables }) => [
    name,
    ...[encoder, decoder, tables, encoder + decoder + tables].map(megabytes),
  ])
  return table(['model', 'encoder, MB', 'decoder, MB', 'tables, MB', 'together, MB'], rows)
}
