/** Inputs that layers get from photographs: patches of their input planes. */

import type { BlockLatents, Drawing } from '../../../shared/grid/networks/grid-networks.ts'
import type { Convolver, Run } from '../../../shared/grid/networks/kernels/convolver.ts'
import { TAPS } from '../../../shared/grid/networks/layer-shapes.ts'
import { type Tile, tilesOf } from '../../../shared/grid/networks/tiles.ts'
import { Random } from '../../random.ts'

/** A decoder's input as the codec has it. */
export interface DecoderCall {
  shape: { blocksWide: number; blocksHigh: number }
  known: Uint8Array
  latents: BlockLatents
  drawing: Drawing
}

export const firstTile = ({ blocksWide, blocksHigh }: { blocksWide: number; blocksHigh: number }): Tile =>
  tilesOf({ blocksWide, blocksHigh }, 0)[0]

/** Patches of a run's source, of all inputs; `start` lays an input out. */
export function patchesOf<T>(
  net: Convolver,
  runs: readonly Run[],
  k: number,
  count: number,
  inputs: T[],
  start: (input: T) => void,
): Int16Array {
  const run = runs[k]
  const { stride = 1, from } = run
  const random = new Random(1, k)
  const parts = inputs.map((input) => {
    start(input)
    for (const before of runs.slice(0, k)) net.run(before)
    const { height, width } = net.shape(from)
    const place = (side: number) => random.integer(Math.floor(side / stride))
    return takePatches(
      net,
      run,
      Array.from({ length: count }, () => [place(height), place(width)]),
    )
  })
  const all = new Int16Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/** Where in the plane `from` a run's output pixels find what they are made of. */
function takePatches(
  net: Convolver,
  { layer, from, stride = 1 }: Run,
  places: [number, number][],
): Int16Array {
  const { taps, length, before } = TAPS[layer]
  const { values, first, row, channels } = net.values(from)
  const patches = new Int16Array(places.length * taps * length)
  for (const [i, [y, x]] of places.entries())
    for (let tap = 0; tap < taps; tap++) {
      const at = first + (y * stride - before + tap) * row + (x * stride - before) * channels
      patches.set(values.subarray(at, at + length), (i * taps + tap) * length)
    }
  return patches
}
