/** The tables of docs/bulk.md: the measurements of bench:bulk, and the cost of a million images. */
import { costOf } from '../../edge/bulk/backfill/cost.ts'

interface BenchBulk {
  cores: number
  consumers: number
  formats: {
    format: string
    meanBytes: number
    imagesPerSecond: number
    cpuMs: number
    codecMs: number
    imagesPerSecondOf250: number
  }[]
}

type Table = (head: string[], rows: string[][]) => string

export function bulkSpeed({ cores, consumers, formats }: BenchBulk, table: Table): string {
  const rows = formats.map((row) => [
    row.format,
    (row.meanBytes / 1e6).toFixed(2),
    row.imagesPerSecond.toPrecision(3),
    row.cpuMs.toPrecision(3),
    row.codecMs.toPrecision(3),
    row.imagesPerSecondOf250.toLocaleString('en'),
  ])
  const head = [
    'format',
    'MB',
    'images per second',
    'CPU ms, simulators included',
    'codec ms',
    'with 250 consumers, on paper',
  ]
  return (
    `${consumers} workerds side by side on ${cores} cores (\`npm run bench:bulk\`). CPU is all of workerd's, miniflare's R2 and D1 included; codec is decoding, network and entropy coding by the clock.` +
    `\n\n${table(head, rows)}`
  )
}

const MILLION = 1e6

/** Dollars for each format, at its CPU milliseconds, item by item. */
export function bulkCost({ formats }: BenchBulk, table: Table): string {
  const costs = formats.map(({ cpuMs }) => costOf({ listed: MILLION, queued: MILLION, cpuMs }))
  const items = Object.keys(costs[0])
  const rows = items.map((item) => [item, ...costs.map((cost) => cost[item].toFixed(2))])
  const total = costs.map((cost) =>
    Object.values(cost)
      .reduce((sum, each) => sum + each, 0)
      .toFixed(2),
  )
  return table(['dollars', ...formats.map(({ format }) => format)], [...rows, ['**together**', ...total]])
}
