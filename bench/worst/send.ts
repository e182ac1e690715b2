/** Sends a request on its own connection. */
import { request as httpRequest } from 'node:http'

export interface Request {
  method: 'GET' | 'POST'
  path: string
  type?: string
  accept?: string
  body: Uint8Array
}

interface Response {
  status: number
  bytes: number
}

export const get = (path: string): Request => ({ method: 'GET', path, body: new Uint8Array(0) })
export const post = (path: string, type: string, body: Uint8Array): Request => ({
  method: 'POST',
  path,
  type,
  body,
})

export function form(path: string, name: string, type: string, files: Uint8Array[]): Request {
  const boundary = 'latent64-worst'
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="${name}"; filename="a"\r\nContent-Type: ${type}\r\n\r\n`
  const parts = files.flatMap((file) => [Buffer.from(head), file, Buffer.from('\r\n')])
  const body = Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)])
  return { ...post(path, `multipart/form-data; boundary=${boundary}`, body), accept: 'application/json' }
}

/** 0 if the server closed the connection without a response, as it may do with a body that it refuses. */
export function send(port: number, { method, path, type, accept, body }: Request): Promise<Response> {
  const headers = {
    ...(type !== undefined && { 'content-type': type }),
    ...(accept !== undefined && { accept }),
    ...(method === 'POST' && { 'content-length': body.length }),
  }
  return new Promise((resolve) => {
    const request = httpRequest(
      { host: '127.0.0.1', port, method, path, headers, agent: false },
      (response) => {
        let bytes = 0
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length
        })
        response.on('end', () => resolve({ status: response.statusCode!, bytes }))
        response.on('error', () => resolve({ status: 0, bytes }))
      },
    )
    request.on('error', () => resolve({ status: 0, bytes: 0 }))
    request.end(body)
  })
}
