/** Profiles with a table from device colours to the connection space: the perceptual A2B0 (ICC.1:2022, 10.10 to 10.12). */
import type { ColourTransform } from './colour-transform.ts'
import { type Curve, fixed16, type IccFile, nameAt, readCurve, readTable, tableCurve } from './icc-file.ts'
import { D50, labToXyz, luminanceOf, writeSrgbOfXyz } from './srgb.ts'

/** Reads a number from 0 to 1 for each channel and writes others, in place or not. */
type Stage = (from: Float64Array, to: Float64Array) => void

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
  return { from: channels, to: 3, pixelWork: 40, convert: conversion(toXyz, channels, view.getUint8(8)) }
}

/** The black of version 4's perceptual connection space (ICC.1:2022, 6.3.3). */
const PERCEPTUAL_BLACK = [0.00336, 0.0034731, 0.00287]
const WHITE = [D50.x, D50.y, D50.z]

/** ICC.1 counts ink; JPEG files count paper: 255 is no ink. */
const deviceLevel = (value: number, channels: number): number => (channels === 4 ? 255 - value : value) / 255

/** Black point compensation as in Little CMS for the perceptual intent: the darkest colour becomes black. */
function conversion(toXyz: Stage, channels: number, version: number): ColourTransform['convert'] {
  const device = new Float64Array(4)
  const xyz = new Float64Array(4)
  const black = version >= 4 ? PERCEPTUAL_BLACK : darkest(toXyz, channels)
  const [blackX = 0, blackY = 0, blackZ = 0] = black
  const [scaleX = 1, scaleY = 1, scaleZ = 1] = WHITE.map((white, c) => white / (white - (black[c] ?? 0))) // white stays
  return (stored, pixels, count) => {
    for (let i = 0; i < count; i++) {
      for (let c = 0; c < channels; c++) device[c] = deviceLevel(stored[channels * i + c] ?? 0, channels)
      toXyz(device, xyz)
      const x = ((xyz[0] ?? 0) - blackX) * scaleX
      const y = ((xyz[1] ?? 0) - blackY) * scaleY
      writeSrgbOfXyz(x, y, ((xyz[2] ?? 0) - blackZ) * scaleZ, pixels, 3 * i)
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

const CURVE_STEPS = 4096

/** Every kind of curve becomes a table of equal steps. */
function curveStage(curves: Curve[]): Stage {
  const sampled = curves.map((curve) =>
    Float64Array.from({ length: CURVE_STEPS + 1 }, (_, i) => curve(i / CURVE_STEPS)),
  )
  return (from, to) => {
    for (let c = 0; c < sampled.length; c++) {
      const table = sampled[c]
      const position = Math.max(0, Math.min(1, from[c] ?? 0)) * CURVE_STEPS
      const below = Math.min(CURVE_STEPS - 1, Math.floor(position))
      const start = table?.[below] ?? 0
      to[c] = start + ((table?.[below + 1] ?? 0) - start) * (position - below)
    }
  }
}

/** 3 x 3, by rows, then an offset for each. */
function matrixStage(numbers: number[]): Stage {
  return (from, to) => {
    const [x = 0, y = 0, z = 0] = from
    for (let row = 0; row < 3; row++) {
      const at = 3 * row
      const product = (numbers[at] ?? 0) * x + (numbers[at + 1] ?? 0) * y + (numbers[at + 2] ?? 0) * z
      to[row] = Math.max(0, Math.min(1, product + (numbers[9 + row] ?? 0)))
    }
  }
}

/**
 * Interpolates as Little CMS does: along the edges of the tetrahedron that contains the colour, from the node below it
 * to the one above, in the direction of the largest fraction first. With four channels the first is interpolated
 * linearly.
 */
function tableStage(table: Float64Array, sides: number[]): Stage {
  const steps = sides.map((_, axis) => sides.slice(axis + 1).reduce((product, side) => product * side, 3))
  const linear = sides.length === 4
  const [first, second, third] = linear ? [1, 2, 3] : [0, 1, 2]
  const fractions = new Float64Array(4)
  const tetrahedron = (node: number, to: Float64Array, weight: number): void => {
    // The three axes by their fractions, the largest first.
    let [a, b, c] = [first, second, third]
    if ((fractions[a] ?? 0) < (fractions[b] ?? 0)) [a, b] = [b, a]
    if ((fractions[b] ?? 0) < (fractions[c] ?? 0)) [b, c] = [c, b]
    if ((fractions[a] ?? 0) < (fractions[b] ?? 0)) [a, b] = [b, a]
    const [fa, fb, fc] = [fractions[a] ?? 0, fractions[b] ?? 0, fractions[c] ?? 0]
    const nodeA = node + (steps[a] ?? 0)
    const nodeB = nodeA + (steps[b] ?? 0)
    const nodeC = nodeB + (steps[c] ?? 0)
    for (let i = 0; i < 3; i++) {
      const near = (1 - fa) * (table[node + i] ?? 0) + (fa - fb) * (table[nodeA + i] ?? 0)
      const far = (fb - fc) * (table[nodeB + i] ?? 0) + fc * (table[nodeC + i] ?? 0)
      to[i] = (to[i] ?? 0) + weight * (near + far)
    }
  }
  return (from, to) => {
    let node = 0
    for (let axis = 0; axis < sides.length; axis++) {
      const side = sides[axis] ?? 2
      const position = Math.max(0, Math.min(1, from[axis] ?? 0)) * (side - 1)
      const below = Math.min(side - 2, Math.floor(position))
      node += below * (steps[axis] ?? 0)
      fractions[axis] = position - below
    }
    to.fill(0)
    const upper = linear ? (fractions[0] ?? 0) : 0
    tetrahedron(node, to, 1 - upper)
    if (upper > 0) tetrahedron(node + (steps[0] ?? 0), to, upper)
  }
}
