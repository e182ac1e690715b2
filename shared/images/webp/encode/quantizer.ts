/** VP8's quantization steps (RFC 6386, section 14.1). */

/** First differences of the tables, as digits: both grow slowly. */
export interface Steps {
  /** [of the DC coefficient, of the others] */
  luma: [number, number]
  lumaDc: [number, number]
  chroma: [number, number]
}

const DC_STEPS = /* @__PURE__ */ accumulate(
  4,
  '1111110111111101110101010110111111111111011111111101111111111111111111111111111110111111111111122212211222222224222222222323333',
)
const AC_STEPS = /* @__PURE__ */ accumulate(
  4,
  '1111111111111111111111111111111111111111111111111111112222222222222222222222222222233333333333333333334444444444444455645555555',
)

function accumulate(first: number, differences: string): number[] {
  const steps = [first]
  for (const digit of differences) steps.push(steps.at(-1)! + Number(digit))
  return steps
}

/** index: 0 (fine) to 127 (coarse) */
export function stepsAt(index: number): Steps {
  const [dc, ac] = [DC_STEPS[index], AC_STEPS[index]]
  return {
    luma: [dc, ac],
    lumaDc: [2 * dc, Math.max(8, (ac * 101581) >> 16)],
    chroma: [Math.min(dc, 132), ac],
  }
}
