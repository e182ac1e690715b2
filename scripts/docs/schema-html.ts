/** JSON schemas as tables for people: a row per property, nested ones by their path. */
import { code, escapeHtml } from './html.ts'

interface Schema {
  type?: string
  description?: string
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  anyOf?: Schema[]
  oneOf?: Schema[]
  enum?: unknown[]
  const?: unknown
  format?: string
  minimum?: number
  maximum?: number
  $ref?: string
}

export function schemaSection(name: string, schema: object): string {
  const rows = propertyRows(schema as Schema, '')
  return `<h3 id="schema-${name}">${name}</h3>${description(schema as Schema)}<table>${rows.join('\n')}</table>`
}

const description = (schema: Schema) => (schema.description ? `<p>${escapeHtml(schema.description)}</p>` : '')

function propertyRows(schema: Schema, path: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const optional = schema.required?.includes(name) ? '' : ', optional'
    const inner = property.items?.properties
      ? { schema: property.items, path: `${path}${name}[].` }
      : undefined
    return [
      `<tr><th scope="row">${code(path + name)}<small>${typeOf(property)}${optional}</small></th><td>${meaning(property)}</td></tr>`,
      ...propertyRows(inner?.schema ?? property, inner?.path ?? `${path}${name}.`),
    ]
  })
}

function meaning({ description, anyOf }: Schema): string {
  const choices = (anyOf ?? []).map((each) => each.description).filter((each) => each !== undefined)
  return escapeHtml(description ?? choices.join(' Or: '))
}

/** A schema's type in a few words, as HTML: links to schemas with names. */
export function typeOf(given: object): string {
  const schema = given as Schema
  if (schema.$ref) return reference(schema.$ref)
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return [...new Set(choices.map(typeOf))].join(' or ')
  if (schema.enum) return schema.enum.map((value) => escapeHtml(JSON.stringify(value))).join(' or ')
  if (schema.const !== undefined) return escapeHtml(JSON.stringify(schema.const))
  if (schema.items) return `list of ${typeOf(schema.items)}`
  if (schema.format === 'binary') return 'bytes'
  if (schema.type === 'object' && schema.properties && !schema.required && !schema.description)
    return fields(schema)
  return `${schema.type ?? 'any'}${range(schema)}`
}

const fields = ({ properties }: Schema) => `form of ${Object.keys(properties!).map(code).join(', ')}`

function range({ minimum, maximum }: Schema): string {
  if (minimum === undefined && maximum === undefined) return ''
  return maximum === undefined ? ` from ${minimum}` : ` ${minimum ?? ''}–${maximum}`
}

function reference(ref: string): string {
  const name = ref.split('/').at(-1)!
  return `<a href="#schema-${name}">${name}</a>`
}
