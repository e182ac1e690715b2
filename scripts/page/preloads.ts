/** A page names the chunks that its script imports, since otherwise each level of imports waits for the previous one. */
import type { Metafile } from 'esbuild'

/** Files that a script imports before it runs, directly or through others. */
export function chunksOf({ outputs }: Metafile, script: string): string[] {
  const found = new Set<string>()
  const visit = (file: string) => {
    for (const { path, kind } of outputs[file].imports)
      if (kind === 'import-statement' && !found.has(path)) {
        found.add(path)
        visit(path)
      }
  }
  visit(script)
  return [...found]
}

export const withPreloads = (html: string, folder: string, files: string[]): string =>
  html.replace(
    '  </head>',
    [...files.map((file) => `    <link rel="modulepreload" href="${folder}/${file}">`), '  </head>'].join(
      '\n',
    ),
  )
