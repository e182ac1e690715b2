/** The decoder of long codes, with its model: loaded once, when the slider is first moved. */

import { longDecoder } from '../../../../shared/grid/long-decoder.ts'
import { fetchOk } from '../../common/fetch-ok.ts'
import { once } from '../../common/once.ts'

export const loadLongDecoder = once(async () => {
  const compile = async (name: string) => WebAssembly.compile(await fetchBytes(`page/${name}.wasm`))
  const [tables, decoder, convolve, pixels, planeCoder] = await Promise.all([
    fetchBytes('models/grid/tables.bin'),
    fetchBytes('models/grid/decoder.bin'),
    compile('convolve'),
    compile('pixels'),
    compile('plane-coder'),
  ])
  return longDecoder({ tables, decoder, convolve, pixels, planeCoder })
})

export async function fetchBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await (await fetchOk(`/static/${path}`)).arrayBuffer())
}
