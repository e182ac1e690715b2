/** What a profile's table consists of: curves, a matrix and the table itself (ICC.1:2022, 10.10 to 10.12). */
import type { Curve } from './icc-file.ts'

/** Reads a number from 0 to 1 for each channel and writes others, in place or not. */
export type Stage = (from: Float64Array, to: Float64Array) => void

const CURVE_STEPS = 4096

/** Every kind of curve becomes a table of equal steps. */
export function curveStage(curves: Curve[]): Stage {
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
export function matrixStage(numbers: number[]): Stage {
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
 * linearly. `beforeUse` may write the node at this index into the table.
 */
export function tableStage(
  table: Float64Array | Uint16Array,
  sides: number[],
  beforeUse: (at: number) => void = () => {},
): Stage {
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
    for (const at of [node, nodeA, nodeB, nodeC]) beforeUse(at)
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
