/** Sends load from a separate process and reads how much CPU it cost the server. */
import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { cpuUs } from './cpu-time.ts'
import type { LoadOrder, LoadReport, LoadResponse } from './load-client.ts'

export interface HttpRequest {
  method: 'GET' | 'POST'
  path: string
  headers: Record<string, string>
  body: Uint8Array
}

export class LoadClient {
  readonly #child: ChildProcess
  readonly #port: number

  constructor(port: number) {
    this.#port = port
    this.#child = fork(join(import.meta.dirname, 'load-client.ts'))
  }

  /** Each request once, over one connection. */
  async responses(requests: HttpRequest[]): Promise<LoadResponse[]> {
    const count = requests.length
    return (await this.#send({ requests: requests.map(toBase64), count, connections: 1, collect: true }))
      .responses
  }

  /** CPU microseconds of the server for one of `count` requests. */
  async cpuUsPerRequest(
    pid: number,
    requests: string[],
    count: number,
    connections: number,
  ): Promise<number> {
    const before = cpuUs(pid)
    const { failures } = await this.#send({ requests, count, connections, collect: false })
    if (failures > 0) throw new Error(`${failures} of ${count} requests failed`)
    return (cpuUs(pid) - before) / count
  }

  stop(): void {
    this.#child.kill()
  }

  #send(order: Omit<LoadOrder, 'port'>): Promise<LoadReport> {
    return new Promise((resolve, reject) => {
      this.#child.once('message', (report: LoadReport | { error: string }) => {
        if ('error' in report) reject(new Error(report.error))
        else resolve(report)
      })
      this.#child.send({ ...order, port: this.#port })
    })
  }
}

export function toBase64({ method, path, headers, body }: HttpRequest): string {
  const lines = Object.entries({ host: 'bench', ...headers, 'content-length': body.length })
  const head = `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
  return Buffer.concat([Buffer.from(head, 'latin1'), body]).toString('base64')
}
