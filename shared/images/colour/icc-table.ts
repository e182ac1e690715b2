/** Profiles with a table from device colours to the connection space: the perceptual A2B0 (ICC.1:2022, 10.10 to 10.12). */
import type { ColourTransform } from './colour-transform.ts'
import { type Curve, fixed16, type IccFile, nameAt, readCurve, readTable, tableCurve } from './icc-file.ts'
import { gridTransform } from './icc-grid.ts'
import { curveStage, matrixStage, type Stage, tableStage } from './icc-stages.ts'
import { D50, labToXyz, luminanceOf, writeSrgbOfXyz } from './srgb.ts'

/** How the connection space is coded in 16 bits: as in version 2 by lut8 and lut16, as in version 4 by lutAToB. */
type Coding = 'lab2' | 'lab4' | 'xyz'

const XYZ_SCALE = 1 + 32767 / 32768

export function tableTransform(
  { view, tags, connectionSpace }: IccFile,
  channels: 3 | 4,
): ColourTransform | undefined {
  const at = tags.get('A2B0')
  if (at === undefined) return undefined
  const type = nameAt(view, at)
  if (view.getUint8(at + 8) !== channels || view.getUint8(at + 9) !== 3) return undefined
  const isLut = type === 'mft1' || type === 'mft2'
  const stages = isLut
    ? lutStages(view, at, type === 'mft1' ? 1 : 2)
    : type === 'mAB '
      ? aToBStages(view, at)
      : undefined
  if (!stages) return undefined
  // lut8 fills its 8 bits as version 4 fills 16.
  const coding = connectionSpace === 'XYZ ' ? 'xyz' : type === 'mft2' ? 'lab2' : 'lab4'
  const toXyz = chain(stages, coding)
  const compensated = withoutBlack(toXyz, channels, view.getUint8(8))
  if (channels === 4) return gridTransform(compensated)
  return { from: 3, to: 3, pixelWork: 40, convert: conversion(compensated) }
}

/** The black of version 4's perceptual connection space (ICC.1:2022, 6.3.3). */
const PERCEPTUAL_BLACK = [0.00336, 0.0034731, 0.00287]
const WHITE = [D50.x, D50.y, D50.z]

/** Black point compensation as in Little CMS for the perceptual intent: the darkest colour becomes black. */
function withoutBlack(toXyz: Stage, channels: number, version: number): Stage {
  const black = version >= 4 ? PERCEPTUAL_BLACK : darkest(toXyz, channels)
  const scales = WHITE.map((white, c) => white / (white - (black[c] ?? 0))) // white stays
  return (device, xyz) => {
    toXyz(device, xyz)
    for (let c = 0; c < 3; c++) xyz[c] = ((xyz[c] ?? 0) - (black[c] ?? 0)) * (scales[c] ?? 1)
  }
}

function conversion(toXyz: Stage): ColourTransform['convert'] {
  const device = new Float64Array(4)
  const xyz = new Float64Array(4)
  return (stored, pixels, count) => {
    for (let at = 0; at < 3 * count; at += 3) {
      for (let c = 0; c < 3; c++) device[c] = (stored[at + c] ?? 0) / 255
      toXyz(device, xyz)
      writeSrgbOfXyz(xyz[0] ?? 0, xyz[1] ?? 0, xyz[2] ?? 0, pixels, at)
    }
  }
}

/** X, Y and Z of all inks together, or of no light. If that is not dark, the profile is taken to be faulty. */
function darkest(toXyz: Stage, channels: number): number[] {
  const xyz = new Float64Array(4)
  toXyz(new Float64Array(4).fill(channels === 4 ? 1 : 0), xyz)
  return (xyz[1] ?? 0) < luminanceOf(50) ? [...xyz.subarray(0, 3)] : [0, 0, 0]
}

/** All stages; the last one decodes the connection space's numbers to X, Y and Z. */
function chain(stages: Stage[], coding: Coding): Stage {
  const decode = decoders[coding]
  return (device, xyz) => {
    let values = device
    for (const stage of stages) {
      stage(values, xyz)
      values = xyz
    }
    decode(xyz)
  }
}

const decodeLab = (scale: number) => (space: Float64Array) => {
  const [l = 0, a = 0, b = 0] = space
  space[0] = 100 * l * scale
  space[1] = 255 * a * scale - 128
  space[2] = 255 * b * scale - 128
  labToXyz(space)
}
const decoders: Record<Coding, (space: Float64Array) => void> = {
  lab2: decodeLab(65535 / 65280), // 0xff00 stands for 100 and 127
  lab4: decodeLab(1),
  xyz: (space) => {
    for (let c = 0; c < 3; c++) space[c] = (space[c] ?? 0) * XYZ_SCALE
  },
}

/** lut8Type and lut16Type: curves, table, curves. Their matrix applies only if the input is XYZ. */
function lutStages(view: DataView, at: number, entryBytes: 1 | 2): Stage[] {
  const [inputs, outputs, side] = [view.getUint8(at + 8), view.getUint8(at + 9), view.getUint8(at + 10)]
  const inputEntries = entryBytes === 1 ? 256 : view.getUint16(at + 48)
  const outputEntries = entryBytes === 1 ? 256 : view.getUint16(at + 50)
  if (side < 2 || inputEntries < 2 || outputEntries < 2) throw new RangeError('the table has no sides')
  let from = at + (entryBytes === 1 ? 48 : 52)
  const next = (count: number): Float64Array => {
    const table = readTable(view, from, count, entryBytes)
    from += count * entryBytes
    return table
  }
  const curves = (count: number, entries: number): Curve[] =>
    Array.from({ length: count }, () => tableCurve(next(entries)))
  const first = curves(inputs, inputEntries)
  const table = next(side ** inputs * outputs)
  const last = curves(outputs, outputEntries)
  return [curveStage(first), tableStage(table, new Array<number>(inputs).fill(side)), curveStage(last)]
}

/** lutAToBType: A curves, table, M curves, matrix, B curves; all but the last may be absent. */
function aToBStages(view: DataView, at: number): Stage[] | undefined {
  const [inputs, outputs] = [view.getUint8(at + 8), view.getUint8(at + 9)]
  const [bAt = 0, matrixAt = 0, mAt = 0, tableAt = 0, aAt = 0] = [12, 16, 20, 24, 28].map((offset) => {
    return view.getUint32(at + offset)
  })
  const stages: (Stage | undefined)[] = []
  if (aAt) stages.push(curvesAt(view, at + aAt, inputs))
  if (tableAt) {
    const sides = Array.from({ length: inputs }, (_, i) => view.getUint8(at + tableAt + i))
    if (sides.some((side) => side < 2)) return undefined
    const count = sides.reduce((product, side) => product * side, outputs)
    const entryBytes = view.getUint8(at + tableAt + 16) === 1 ? 1 : 2
    stages.push(tableStage(readTable(view, at + tableAt + 20, count, entryBytes), sides))
  } else if (inputs !== outputs) return undefined
  if (mAt) stages.push(curvesAt(view, at + mAt, outputs))
  if (matrixAt)
    stages.push(matrixStage(Array.from({ length: 12 }, (_, i) => fixed16(view, at + matrixAt + 4 * i))))
  if (bAt) stages.push(curvesAt(view, at + bAt, outputs))
  const known = stages.filter((stage) => stage !== undefined)
  return known.length === stages.length ? known : undefined
}

/** Curves one after another, each at a multiple of four bytes. */
function curvesAt(view: DataView, at: number, count: number): Stage | undefined {
  const curves: Curve[] = []
  for (let from = at; curves.length < count; ) {
    const read = readCurve(view, from)
    if (!read) return undefined
    curves.push(read.curve)
    from += Math.ceil(read.bytes / 4) * 4
  }
  return curveStage(curves)
}
