/** A static server for what tests build. */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join } from 'node:path'

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.jpg': 'image/jpeg',
}

export interface StaticServer {
  url: string
  close: () => void
}

/** `pages` come before files. Paths that begin with /slow/ wait for three seconds. */
export async function serveStatic(
  directory: string,
  pages: Record<string, string> = {},
): Promise<StaticServer> {
  const server = createServer(async (request, response) => {
    const path = new URL(request.url!, 'http://localhost').pathname
    const file = path.endsWith('/') ? `${path}index.html` : path
    if (path.startsWith('/slow/')) await new Promise((done) => setTimeout(done, 3000))
    if (path === '/favicon.ico') return void response.writeHead(204).end() // which browsers ask for unasked
    const body =
      pages[path] ?? (await readFile(join(directory, file.replace(/^\/slow\//, '/'))).catch(() => undefined))
    response.writeHead(body === undefined ? 404 : 200, {
      'content-type': TYPES[path in pages ? '.html' : extname(file)] ?? 'text/plain',
    })
    response.end(body)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as { port: number }
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() }
}
