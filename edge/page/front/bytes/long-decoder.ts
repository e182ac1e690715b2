/** The decoder of long codes, with its model: loaded once, when the slider is first moved. */

import { longDecoder } from '../../../../shared/grid/long-decoder.ts'
import { fetchOk } from '../../common/fetch-ok.ts'
import { once } from '../../common/once.ts'

export const loadLongDecoder = once(async () => {
  const [tables, decoder, convolve] = await Promise.all(
    ['models/grid/tables.bin', 'models/grid/decoder.bin', 'page/convolve.wasm'].map(fetchBytes),
  )
  return longDecoder({ tables, decoder, convolve: await WebAssembly.compile(convolve) })
})

export async function fetchBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await (await fetchOk(`/static/${path}`)).arrayBuffer())
}
