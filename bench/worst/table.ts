/** results/costs.json as docs/costs.md. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Cost } from './measure.ts'

export interface CostResults {
  before?: { commit: string; costs: Cost[] }
  after?: { commit: string; costs: Cost[] }
}

const PAGE = join(import.meta.dirname, '..', '..', 'docs', 'costs.md')

export async function writeCostTable(
  { before, after }: CostResults,
  { maxCpuMs, maxBytes }: { maxCpuMs: number; maxBytes: number },
): Promise<void> {
  const rows = (after?.costs ?? []).map((cost) =>
    row(
      cost,
      before?.costs.find(({ name }) => name === cost.name),
    ),
  )
  const text = `# What a request may cost

Made by \`npm run bench:worst\`, which builds these requests itself and sends each to a fresh workerd that has served ordinary ones before. CPU is that of the whole process; memory is the peak of its resident memory beyond what it held idle. "Before" is commit ${before?.commit ?? '(not measured)'}. Every single request is meant to stay within ${maxCpuMs / 1000} s of CPU and ${maxBytes >> 20} MiB; the limits behind that are variables in [deploy.md](deploy.md). CI runs the same requests with \`--check\`: statuses and memory, no clocks.

| | request | status | CPU ms | before | MB | before |
|---|---|---|---|---|---|---|
${rows.join('\n')}
`
  await writeFile(PAGE, text)
}

function row(cost: Cost, before: Cost | undefined): string {
  const ms = (each?: Cost) => (each === undefined ? '' : each.cpuMs.toFixed(each.cpuMs < 10 ? 1 : 0))
  const megabytes = (each?: Cost) => (each === undefined ? '' : (each.beyondIdleBytes / 1e6).toFixed(0))
  const cells = [
    cost.kind,
    cost.name,
    cost.statuses,
    ms(cost),
    ms(before),
    megabytes(cost),
    megabytes(before),
  ]
  return `| ${cells.join(' | ')} |`
}
