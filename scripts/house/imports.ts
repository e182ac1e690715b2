/** Reads the imports of this repository's own source files. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'

export const ROOT = join(import.meta.dirname, '..', '..')

interface Import {
  /** A file of this repository, by its path from the root, or a package's module as written. */
  to: string
  isFile: boolean
  /** Erased with the types: no code depends on it. */
  isType: boolean
}

const STATIC = /^(?:import|export)\s+(?:(type\s)?([\w$*{}\s,]+?)\sfrom\s+)?'([^']+)'/gm
const DYNAMIC = /\bimport\(\s*'([^']+)'/g

/** All files with these extensions that git tracks or would track. */
export function ownFiles(...endings: string[]): string[] {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  const wanted = (file: string) => endings.length === 0 || endings.some((ending) => file.endsWith(ending))
  return [...new Set(listed.trim().split('\n'))].filter(wanted).sort()
}

export const textOf = (file: string) => readFileSync(join(ROOT, file), 'utf8')

export function importsOf(file: string): Import[] {
  const text = textOf(file)
  const imported = (from: string, isType: boolean): Import => {
    const isFile = from.startsWith('.')
    return { to: isFile ? posix.join(posix.dirname(file), from) : from, isFile, isType }
  }
  return [
    ...[...text.matchAll(STATIC)].map(([, type, names, from]) =>
      imported(from!, type !== undefined || hasOnlyTypes(names ?? '')),
    ),
    ...[...text.matchAll(DYNAMIC)].map(([, from]) => imported(from!, false)),
  ]
}

/** `{ type A, type B }` */
function hasOnlyTypes(names: string): boolean {
  const listed = /^\{(.*)\}$/s.exec(names.trim())?.[1]?.split(',')
  const all = listed?.map((name) => name.trim()).filter(Boolean) ?? []
  return all.length > 0 && all.every((name) => name.startsWith('type '))
}

/** Groups of files that import one another, directly or through others (strongly connected components). */
export function circles(graph: Map<string, string[]>): string[][] {
  const found: string[][] = []
  const order = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const visit = (file: string) => {
    order.set(file, order.size)
    low.set(file, order.get(file)!)
    stack.push(file)
    for (const next of graph.get(file) ?? []) {
      if (!order.has(next)) visit(next)
      if (stack.includes(next)) low.set(file, Math.min(low.get(file)!, low.get(next)!))
    }
    if (low.get(file) !== order.get(file)) return
    const circle = stack.splice(stack.indexOf(file))
    if (circle.length > 1) found.push(circle.sort())
  }
  for (const file of graph.keys()) if (!order.has(file)) visit(file)
  return found
}
