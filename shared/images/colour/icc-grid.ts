/**
 * Little CMS does not follow a profile of inks itself, but its values at 17 nodes per ink, in 16 bits (cmsopt.c:
 * OptimizeByResampling). In dark, strong colours that is up to 20 levels away, and sharp's colours are these. Each node
 * is computed when a colour first needs it; a picture needs few of the 83,521.
 */
import type { ColourTransform } from './colour-transform.ts'
import { type Stage, tableStage } from './icc-stages.ts'
import { writeSrgb16OfXyz } from './srgb.ts'

const SIDE = 17
const NODES = SIDE ** 4
/** Units of decoding work (limits.ts) for a node, of which a pixel needs eight. */
const NODE_WORK = 70

export function gridTransform(toXyz: Stage): ColourTransform {
  const sharedWork = (pixels: number): number => NODE_WORK * Math.min(NODES, 8 * pixels)
  return { from: 4, to: 3, pixelWork: 20, sharedWork, convert: gridConversion(toXyz) }
}

function gridConversion(toXyz: Stage): ColourTransform['convert'] {
  const grid = new Uint16Array(3 * NODES)
  const isKnown = new Uint8Array(NODES)
  const [inks, xyz, rgb] = [new Float64Array(4), new Float64Array(4), new Float64Array(4)]
  const nodeInks = new Float64Array(4)
  const compute = (node: number): void => {
    isKnown[node] = 1
    for (let c = 3, left = node; c >= 0; c--, left = Math.floor(left / SIDE)) {
      nodeInks[c] = (left % SIDE) / (SIDE - 1)
    }
    toXyz(nodeInks, xyz)
    writeSrgb16OfXyz(xyz[0] ?? 0, xyz[1] ?? 0, xyz[2] ?? 0, grid, 3 * node)
  }
  const interpolate = tableStage(grid, new Array<number>(4).fill(SIDE), (at) => {
    if (isKnown[at / 3] === 0) compute(at / 3)
  })
  return (stored, pixels, count) => {
    for (let i = 0; i < count; i++) {
      for (let c = 0; c < 4; c++) inks[c] = (255 - (stored[4 * i + c] ?? 0)) / 255 // JPEG files count paper
      interpolate(inks, rgb)
      for (let c = 0; c < 3; c++) pixels[3 * i + c] = (rgb[c] ?? 0) / 257 + 0.5
    }
  }
}
