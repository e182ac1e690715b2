/** `npm run architecture`: writes the picture of the folders into README.md and the table of imports into CONTRIBUTING.md. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeWhole } from '../../node/atomic-write.ts'
import { architecture, MAY_IMPORT } from './direction.ts'
import { ROOT } from './imports.ts'

export function importTable(): string {
  const rows = Object.entries(MAY_IMPORT).map(
    ([folder, others]) =>
      `| \`${folder}/\` | ${others.map((other) => `\`${other}\``).join(', ') || 'nothing'} |`,
  )
  return [
    '| folder | may import |',
    '|---|---|',
    ...rows,
    '| `test/` | everything; nothing imports it |',
  ].join('\n')
}

/** The text between `<!-- NAME -->` and `<!-- /NAME -->`. */
export function section(text: string, name: string): string | undefined {
  return new RegExp(`<!-- ${name} -->\n([^]*?)\n<!-- /${name} -->`).exec(text)?.[1]
}

async function write(file: string, name: string, content: string): Promise<void> {
  const path = join(ROOT, file)
  const text = readFileSync(path, 'utf8')
  if (section(text, name) === undefined) throw new Error(`${file} has no place for ${name}`)
  const place = new RegExp(`(<!-- ${name} -->\n)[^]*?(\n<!-- /${name} -->)`)
  await writeWhole(
    path,
    text.replace(place, (_, before, after) => before + content + after),
  )
}

if (import.meta.main) {
  await write('README.md', 'architecture', architecture())
  await write('CONTRIBUTING.md', 'imports', importTable())
}
