/**
 * Bjøntegaard's difference of rate (VCEG-M33, 2001): how many percent more or fewer bytes a codec takes than another at
 * equal PSNR, as a mean over the PSNR range that both reach. Between points log(bytes) is linear in PSNR, so two points
 * are enough.
 */
export interface RatePoint {
  bytes: number
  psnrDb: number
}

/** Percent, negative if `tested` takes fewer bytes; undefined if the two have no PSNR in common. */
export function bdRatePercent(tested: RatePoint[], reference: RatePoint[]): number | undefined {
  const from = Math.max(lowest(tested), lowest(reference))
  const to = Math.min(highest(tested), highest(reference))
  if (!(to > from)) return undefined
  const difference = areaOf(tested, from, to) - areaOf(reference, from, to)
  return 100 * (Math.exp(difference / (to - from)) - 1)
}

const lowest = (points: RatePoint[]) => Math.min(...points.map(({ psnrDb }) => psnrDb))
const highest = (points: RatePoint[]) => Math.max(...points.map(({ psnrDb }) => psnrDb))

/** The integral of log(bytes) over PSNR. */
function areaOf(points: RatePoint[], from: number, to: number): number {
  const sorted = points.toSorted((a, b) => a.psnrDb - b.psnrDb)
  let area = 0
  for (const [i, right] of sorted.entries()) {
    if (i === 0) continue
    const left = sorted[i - 1]
    const [start, end] = [Math.max(from, left.psnrDb), Math.min(to, right.psnrDb)]
    if (end > start) area += ((end - start) * (logBytes(left, right, start) + logBytes(left, right, end))) / 2
  }
  return area
}

function logBytes(left: RatePoint, right: RatePoint, psnrDb: number): number {
  const share = (psnrDb - left.psnrDb) / (right.psnrDb - left.psnrDb)
  return (1 - share) * Math.log(left.bytes) + share * Math.log(right.bytes)
}
