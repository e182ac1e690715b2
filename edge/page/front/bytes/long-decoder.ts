/** The decoder of long codes, with its model: loaded once, when the slider is first moved. */
import { longDecoder } from '../../../../shared/grid/long-decoder.ts'

type Draw = ReturnType<typeof longDecoder>

let loading: Promise<Draw> | undefined

/** A failed load is forgotten, so that the next try is a new one. */
export function loadLongDecoder(): Promise<Draw> {
  loading ??= load().catch((error) => {
    loading = undefined
    throw error
  })
  return loading
}

async function load(): Promise<Draw> {
  const [tables, decoder, convolve] = await Promise.all(
    ['models/grid/tables.bin', 'models/grid/decoder.bin', 'page/convolve.wasm'].map(fetchBytes),
  )
  return longDecoder({ tables, decoder, convolve: await WebAssembly.compile(convolve) })
}

export async function fetchBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(`/static/${path}`)
  if (!response.ok) throw new Error(`/static/${path}: HTTP ${response.status}`)
  return new Uint8Array(await response.arrayBuffer())
}
