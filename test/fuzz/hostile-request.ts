export interface HostileRequest {
  kind: string
  method: string
  path: string
  headers: Record<string, string>
  body: Uint8Array
  delivery: 'whole' | 'chunked' | 'slow' | 'aborted'
}
