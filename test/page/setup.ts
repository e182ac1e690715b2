/** Once for all tests of the page: the real worker in raw workerd, serving the shipped models. */
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { findChromium } from '../../scripts/page/chromium.ts'
import { defaultWorkerd, prepareWorkerd, type RunningWorkerd, startWorkerd } from '../../scripts/workerd.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of Chromium; empty if there is none. */
    chromium: string
    /** The open service, and one that asks /compress for an API key. */
    open: string
    closed: string
    apiKey: string
  }
}

const API_KEY = 'a-key-of-the-page-tests'
const root = join(import.meta.dirname, '..', '..')
const dist = join(root, 'dist', 'page-test')

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const chromium = findChromium()
  project.provide('chromium', chromium ?? '')
  project.provide('open', '')
  project.provide('closed', '')
  project.provide('apiKey', API_KEY)
  if (!chromium) {
    console.log('test/page is skipped: no Chromium here; install one or name it in CHROMIUM')
    return async () => {}
  }
  const open = await serve(join(dist, 'open'), {})
  const closed = await serve(join(dist, 'closed'), { API_KEYS: API_KEY })
  project.provide('open', open.url)
  project.provide('closed', closed.url)
  return async () => {
    await Promise.all([open.stop(), closed.stop()])
  }
}

async function serve(dir: string, vars: Record<string, string>): Promise<RunningWorkerd> {
  const port = await freePort()
  return startWorkerd(await prepareWorkerd({ ...defaultWorkerd, port, dir, vars }), port)
}

const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
