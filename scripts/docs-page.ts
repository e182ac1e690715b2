/** /docs: the OpenAPI document as one page of plain HTML, no script and nothing from elsewhere. */
import { problemKinds } from '../edge/http/problem.ts'
import type { openApiDocument } from './openapi.ts'

type Document = Awaited<ReturnType<typeof openApiDocument>>
interface Operation {
  summary: string
  description?: string
  parameters?: { name: string; in: string; description?: string; schema: unknown }[]
  requestBody?: { content: Record<string, { schema: unknown }> }
  responses: Record<
    string,
    { description?: string; headers?: Record<string, { description: string }>; content?: object }
  >
}

const escapeHtml = (text: string) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`)
const code = (text: string) => `<code>${escapeHtml(text)}</code>`

export function docsPage(document: Document): string {
  const paths = Object.entries(document.paths as unknown as Record<string, Record<string, Operation>>)
  const operations = paths.flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => section(path, method.toUpperCase(), operation)),
  )
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Latent64 API</title>
<link rel="icon" href="/static/page/common/icon.svg">
<style>${STYLE}</style>
</head>
<body>
<header><h1>Latent64 API</h1>
<p>${escapeHtml(document.info.description)} Version ${document.info.version}.
<a href="/openapi.json">OpenAPI 3.1</a> · <a href="/">The page</a></p></header>
<main>
${EXAMPLES}
${operations.join('\n')}
<section><h2 id="problems">Problems</h2>
<p>Errors are ${code('application/problem+json')} (RFC 9457). Their ${code('type')} points here.</p>
<table>${Object.entries(problemKinds).map(problemRow).join('\n')}</table></section>
<section><h2 id="schemas">Schemas</h2>
${Object.entries(document.components.schemas).map(schemaBlock).join('\n')}</section>
</main>
</body>
</html>
`
}

function section(path: string, method: string, { summary, description, ...rest }: Operation): string {
  const parameters = (rest.parameters ?? []).map(
    ({ name, description: text, schema }) => `<tr><th>${code(name)}</th><td>${escapeHtml(text ?? '')}
<small>${escapeHtml(JSON.stringify(schema))}</small></td></tr>`,
  )
  const bodies = Object.entries(rest.requestBody?.content ?? {}).map(
    ([type, { schema }]) => `<tr><th>${code(type)}</th><td>${schemaLinks(schema)}</td></tr>`,
  )
  return `<section><h2 id="${method}${path}"><b>${method}</b> ${escapeHtml(path)}</h2>
<p>${escapeHtml(summary)}. ${escapeHtml(description ?? '')}</p>
${parameters.length > 0 ? `<h3>Parameters</h3><table>${parameters.join('\n')}</table>` : ''}
${bodies.length > 0 ? `<h3>Body</h3><table>${bodies.join('\n')}</table>` : ''}
<h3>Answers</h3><table>${Object.entries(rest.responses).map(answerRow).join('\n')}</table></section>`
}

function answerRow([status, answer]: [string, Operation['responses'][string]]): string {
  if (answer.description === undefined)
    return `<tr><th>${status}</th><td><a href="#problems">a problem</a></td></tr>`
  const types = Object.keys(answer.content ?? {}).map(code)
  const headers = Object.entries(answer.headers ?? {}).map(
    ([name, { description }]) => `<br><small>${code(name)} ${escapeHtml(description)}</small>`,
  )
  return `<tr><th>${status}</th><td>${escapeHtml(answer.description)} ${types.join(', ')}${headers.join('')}</td></tr>`
}

function problemRow([kind, { status, title }]: [string, { status: number; title: string }]): string {
  return `<tr id="${kind}"><th>${status}</th><td>${code(kind)} ${escapeHtml(title)}</td></tr>`
}

function schemaLinks(schema: unknown): string {
  const names = [...JSON.stringify(schema).matchAll(/#\/components\/schemas\/(\w+)/g)].map(
    (match) => match[1]!,
  )
  return names.map((name) => `<a href="#schema-${name}">${name}</a>`).join(' or ') || 'bytes'
}

function schemaBlock([name, schema]: [string, unknown]): string {
  return `<details id="schema-${name}"><summary>${name}</summary><pre>${escapeHtml(JSON.stringify(schema, null, 2))}</pre></details>`
}

const EXAMPLES = `<section><h2 id="examples">Examples</h2><pre>${escapeHtml(`# an image to JSON
curl --data-binary @cat.png -H 'content-type: image/png' /compress
# the bytes alone, at most 24 of them
curl --data-binary @cat.png -H 'content-type: image/png' -H 'accept: application/vnd.latent64' '/compress?maxBytes=24' -o cat.l64
# and back, as a PNG in the original's size
curl --data-binary @cat.l64 -H 'content-type: application/vnd.latent64' '/decompress?size=original' -o cat-back.png
# several at once
curl -F image=@a.png -F image=@b.jpg /compress
# in a page
<img src="/preview/CODE?width=320">`)}</pre></section>`

const STYLE = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{max-width:52rem;margin:0 auto;padding:1rem}h2{margin-top:2.5rem;overflow-wrap:anywhere}h2 b{font-size:.8em;
padding:.1em .5em;border:1px solid;border-radius:.3em}table{border-collapse:collapse;width:100%}
th{text-align:left;vertical-align:top;padding:.3rem 1rem .3rem 0;font-weight:normal;width:1%}
td{padding:.3rem 0;overflow-wrap:anywhere}
pre{overflow-x:auto;padding:.8rem;border:1px solid #8886;border-radius:.4rem}small{opacity:.75}:target{outline:2px solid}`
