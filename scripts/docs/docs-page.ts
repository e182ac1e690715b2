/** /docs: the OpenAPI document as a page for people, in the design of the other pages. */
import { problemKinds } from '../../edge/http/problem.ts'
import type { openApiDocument } from '../openapi/openapi.ts'
import { PAGE_PARTS } from '../page/page-parts.ts'
import { code, escapeHtml } from './html.ts'
import { schemaSection, typeOf } from './schema-html.ts'

type Document = Awaited<ReturnType<typeof openApiDocument>>
interface Operation {
  summary: string
  description?: string
  parameters?: { name: string; in: string; description?: string; schema: object }[]
  requestBody?: { content: Record<string, { schema: object }> }
  responses: Record<string, ResponseDescription>
}
interface ResponseDescription {
  description?: string
  headers?: Record<string, { description: string }>
  content?: Record<string, { schema?: object }>
}

export function docsPage(document: Document): string {
  const paths = Object.entries(document.paths as unknown as Record<string, Record<string, Operation>>)
  const operations = paths.flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  )
  return `<!doctype html>
<html lang="en">
<head>
${PAGE_PARTS.head}
<meta name="description" content="The HTTP interface of Latent64: routes, bodies, responses, problems.">
<title>Latent64 API</title>
<link rel="stylesheet" href="/static/page/docs.css">
<script type="module" src="/static/page/docs.js"></script>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header class="bar">
${PAGE_PARTS.brand}
<nav aria-label="Site"><a href="/lab">How it works</a><a href="/openapi.json">OpenAPI</a>
${PAGE_PARTS.theme}</nav>
</header>
<div class="columns">
<nav class="contents" aria-label="Contents">
<a href="#examples">Examples</a>
${operations.map(({ path, method }) => `<a href="#${method}${path}"><b>${method}</b> ${escapeHtml(path)}</a>`).join('\n')}
<a href="#problems">Problems</a>
<a href="#schemas">Schemas</a>
</nav>
<main id="content">
<h1>API</h1>
<p class="lead">${escapeHtml(document.info.description)} Version ${document.info.version}. For programs: <a href="/openapi.json">OpenAPI 3.1</a>.</p>
${EXAMPLES}
${operations.map(section).join('\n')}
<section><h2 id="problems">Problems</h2>
<p>Errors are ${code('application/problem+json')} (RFC 9457). Their ${code('type')} points here.</p>
<table>${Object.entries(problemKinds).map(problemRow).join('\n')}</table></section>
<section><h2 id="schemas">Schemas</h2>
${Object.entries(document.components.schemas)
  .map(([name, schema]) => schemaSection(name, schema))
  .join('\n')}</section>
</main>
</div>
</body>
</html>
`
}

function section({
  path,
  method,
  operation,
}: {
  path: string
  method: string
  operation: Operation
}): string {
  const { summary, description, parameters = [], requestBody, responses } = operation
  const rows = parameters.map(
    ({ name, description: text, schema }) =>
      `<tr><th scope="row">${code(name)}<small>${typeOf(schema)}</small></th><td>${escapeHtml(text ?? '')}</td></tr>`,
  )
  const bodies = Object.entries(requestBody?.content ?? {}).map(
    ([type, { schema }]) => `<tr><th scope="row">${code(type)}</th><td>${typeOf(schema)}</td></tr>`,
  )
  return `<section><h2 id="${method}${path}"><b>${method}</b> ${escapeHtml(path)}</h2>
<p>${escapeHtml(summary)}. ${escapeHtml(description ?? '')}</p>
${table('Parameters', rows)}
${table('Body', bodies)}
${table('Responses', Object.entries(responses).map(responseRow))}</section>`
}

const table = (title: string, rows: string[]) =>
  rows.length === 0 ? '' : `<h3>${title}</h3><table>${rows.join('\n')}</table>`

function responseRow([status, response]: [string, ResponseDescription]): string {
  if (response.description === undefined)
    return `<tr><th scope="row">${status}</th><td><a href="#problems">A problem</a></td></tr>`
  const types = Object.entries(response.content ?? {}).map(
    ([type, { schema }]) =>
      `${code(type)}${schema && JSON.stringify(schema).includes('$ref') ? ` ${typeOf(schema)}` : ''}`,
  )
  const headers = Object.entries(response.headers ?? {}).map(
    ([name, { description }]) => `<div class="header">${code(name)} ${escapeHtml(description)}</div>`,
  )
  return `<tr><th scope="row">${status}</th><td>${escapeHtml(response.description)} ${types.join(', ')}${headers.join('')}</td></tr>`
}

function problemRow([kind, { status, title }]: [string, { status: number; title: string }]): string {
  return `<tr id="${kind}"><th scope="row">${status}</th><td>${code(kind)} ${escapeHtml(title)}</td></tr>`
}

/** edge/page/docs/docs.ts replaces this host by the one that served the page. */
const HOST = 'http://127.0.0.1:8787'

const EXAMPLES = `<section><h2 id="examples">Examples</h2><pre tabindex="0" id="curl">${escapeHtml(`# an image to JSON
curl --data-binary @cat.png -H 'content-type: image/png' ${HOST}/compress
# the bytes alone, at most 24 of them
curl --data-binary @cat.png -H 'content-type: image/png' -H 'accept: application/vnd.latent64' \\
  '${HOST}/compress?maxBytes=24' -o cat.l64
# and back, as a PNG in the original's size
curl --data-binary @cat.l64 -H 'content-type: application/vnd.latent64' \\
  '${HOST}/decompress?size=original' -o cat-back.png
# several at once
curl -F image=@a.png -F image=@b.jpg ${HOST}/compress
# in a page
<img src="${HOST}/preview/CODE?width=384">`)}</pre></section>`
