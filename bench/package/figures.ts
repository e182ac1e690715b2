/** The figures of docs/use: how placeholders compare, what the package weighs, what requests cost on Cloudflare. */

import type { Report } from '../edge/report.ts'
import type { CostResults } from '../worst/table.ts'

type Table = (head: string[], rows: string[][]) => string

export interface PackageSizes {
  kind: 'package'
  versions: Record<string, string>
  /** Bundled by esbuild, minified. */
  gzippedBytes: Record<string, number>
  /** web/element.min.js, gzipped. */
  elementBytes: number
  packedBytes: number
  installedBytes: number
}

const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`

export function decodersTable({ gzippedBytes, versions, elementBytes }: PackageSizes, table: Table): string {
  const rows = Object.entries(gzippedBytes).map(([name, bytes]) => [name, kilobytes(bytes)])
  const others = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return `What a page loads to draw, bundled by esbuild, minified and gzipped (\`npm run bench:package\`; ${others.join(', ')}). The element, decoder included, has ${kilobytes(elementBytes)}; a tiny WebP needs none of it.\n\n${table(['decoder', 'gzipped'], rows)}`
}

export const packageWeight = ({ packedBytes, installedBytes }: PackageSizes): string =>
  `The package is ${megabytes(packedBytes)} packed and ${megabytes(installedBytes)} installed (package-sizes.json): half of it the models and their encoders. None of that reaches a browser.`

/** List prices of 2026 beyond the paid plan's base of $5 a month. */
const DOLLARS_A_MILLION = { requests: 0.3, cpuMs: 0.02 }

const dollars = (requests: number, cpuMs: number) =>
  `$${(requests * DOLLARS_A_MILLION.requests).toFixed(2)} + $${(cpuMs * DOLLARS_A_MILLION.cpuMs).toFixed(2)}`

/** A million of each request, from results/bench-edge.json and results/costs.json. */
export function platformCosts({ requests, startUp }: Report, { after }: CostResults, table: Table): string {
  const model = requests.some((each) => each.model === 'preview') ? 'preview' : 'photo'
  const cpuMs = (name: string) =>
    requests.find((each) => each.model === model && each.name === name)!.cpuUs / 1000
  const large = after!.costs.find(({ name }) => name === 'JPEG of 16 megapixels')!.cpuMs
  const million = (what: string, ms: number) => [
    `a million ${what}`,
    '1 million',
    `${ms < 10 ? ms.toFixed(2) : ms.toFixed(0)} ms each`,
    dollars(1, ms),
  ]
  const rows = [
    ['a million previews drawn in the browser from the code', '0', '0', '$0'],
    million('codes as PNG', cpuMs('decompress code to PNG')),
    million('PNG thumbnails to codes', cpuMs('compress PNG to code')),
    million('JPEG of 16 megapixels to codes', large),
  ]
  const measured = `CPU of raw workerd (bench-edge.json, model \`${model}\`; for the JPEG costs.json).`
  const coldMs = startUp?.firstCompressCpuMs[model]
  const cold = coldMs
    ? `\n\nA cold start loads the kernels and the model: ${coldMs.toFixed(0)} ms of CPU for an isolate's first \`POST /compress\`. The free plan's limit is 10 ms a request: the first may be cut off, later ones stay far below.`
    : ''
  return `${measured}\n\n${table(['', 'requests', 'CPU', "beyond the plan's base"], rows)}${cold}`
}
