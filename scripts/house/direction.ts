/** Which folder may import which: see the table in CONTRIBUTING.md, which is written from here. */
import { importsOf, ownFiles } from './imports.ts'

/** From the bottom up. A folder may import itself and the folders named. `package` has the npm package's entries. */
export const MAY_IMPORT: Record<string, string[]> = {
  shared: [],
  node: ['shared'],
  edge: ['shared'],
  train: ['shared', 'node', 'edge'],
  evaluate: ['shared', 'node', 'edge', 'train'],
  cli: ['shared', 'node', 'edge', 'train', 'evaluate'],
  package: ['shared', 'node', 'edge', 'cli'],
  bench: ['shared', 'node', 'edge', 'train', 'evaluate', 'cli', 'scripts'],
  scripts: ['shared', 'node', 'edge', 'train', 'evaluate', 'cli', 'bench', 'package'],
}

const topOf = (path: string) => path.split('/')[0]

/** Every import of another top-level folder: `from` a file, `to` a file. */
export function crossings(): { from: string; to: string }[] {
  const sources = ownFiles('.ts', '.tsx').filter((file) => topOf(file) in MAY_IMPORT)
  return sources.flatMap((from) =>
    importsOf(from)
      .filter(({ isFile, to }) => isFile && to.includes('/') && topOf(to) !== topOf(from))
      .map(({ to }) => ({ from, to })),
  )
}

export const isAllowed = ({ from, to }: { from: string; to: string }) =>
  MAY_IMPORT[topOf(from)].includes(topOf(to))

/** The folders and their actual imports as a Mermaid diagram; arrows that others imply are left out. */
export function architecture(): string {
  const used = new Map(Object.keys(MAY_IMPORT).map((folder) => [folder, new Set<string>()]))
  for (const { from, to } of crossings()) used.get(topOf(from))!.add(topOf(to))
  const reaches = (from: string, to: string, seen = new Set([from])): boolean =>
    [...(used.get(from) ?? [])].some(
      (next) => next === to || (!seen.has(next) && reaches(next, to, seen.add(next))), // bench and scripts import each other
    )
  const lines = [...used].flatMap(([from, all]) =>
    [...all]
      .filter((to) => MAY_IMPORT[from].includes(to))
      .filter((to) => ![...all].some((other) => other !== to && reaches(other, to)))
      .map((to) => `  ${from} --> ${to}`),
  )
  return ['```mermaid', 'flowchart BT', ...ROLES, ...lines, '```'].join('\n')
}

const ROLES = [
  '  shared["shared: codec, networks, image formats; runs anywhere"]',
  '  node["node: what Node programs share"]',
  '  edge["edge: the service and its page"]',
  '  train["train: from images to a model directory"]',
  '  evaluate["evaluate: measured beside other codecs"]',
  '  cli["cli: npx latent64"]',
  '  package["package: what npm publishes"]',
  '  bench["bench"]',
  '  scripts["scripts: build, start, deploy"]',
]
