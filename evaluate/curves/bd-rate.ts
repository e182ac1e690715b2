/**
 * Comparing two rate-distortion curves. BD-rate (Bjontegaard 2001, VCEG-M33): the mean difference of log rate over the
 * PSNR range that both curves cover, as a percentage: -40 means 40 % fewer bytes at equal PSNR. The curves are
 * interpolated by PCHIP, as in the JVET and AOM common test conditions, not by the polynomial of the original paper,
 * which oscillates between points that are far apart.
 */
import { pchip, pchipArea, pchipAt } from './pchip.ts'

export interface RatePoint {
  bytes: number
  psnrDb: number
}

/** The points sorted by rate, without those that another point beats in both bytes and PSNR. */
function paretoFront(points: RatePoint[]): RatePoint[] {
  const front: RatePoint[] = []
  for (const point of points.toSorted((a, b) => a.bytes - b.bytes || b.psnrDb - a.psnrDb))
    if (front.length === 0 || point.psnrDb > front.at(-1)!.psnrDb) front.push(point)
  return front
}

const logRateCurve = (front: RatePoint[]) =>
  pchip(
    front.map((point) => point.psnrDb),
    front.map((point) => Math.log(point.bytes)),
  )

interface BdRate {
  percent: number
  /** The PSNR that both curves cover. */
  fromDb: number
  toDb: number
}

/** BD-rate of `test` against `anchor`; undefined if they have no range of PSNR in common. */
export function bdRate(anchor: RatePoint[], test: RatePoint[]): BdRate | undefined {
  const [a, t] = [paretoFront(anchor), paretoFront(test)]
  if (a.length < 2 || t.length < 2) return undefined
  const fromDb = Math.max(a[0].psnrDb, t[0].psnrDb)
  const toDb = Math.min(a.at(-1)!.psnrDb, t.at(-1)!.psnrDb)
  if (toDb <= fromDb) return undefined
  const area = pchipArea(logRateCurve(t), fromDb, toDb) - pchipArea(logRateCurve(a), fromDb, toDb)
  return { percent: (Math.exp(area / (toDb - fromDb)) - 1) * 100, fromDb, toDb }
}

/** The bytes at which a curve reaches a PSNR; undefined outside its range. */
export function bytesAtPsnr(points: RatePoint[], psnrDb: number): number | undefined {
  const front = paretoFront(points)
  if (front.length < 2 || psnrDb < front[0].psnrDb || psnrDb > front.at(-1)!.psnrDb) return undefined
  return Math.exp(pchipAt(logRateCurve(front), psnrDb))
}

/** The PSNR that a curve reaches at a rate, interpolated over log rate; undefined outside its range. */
export function psnrAtBytes(points: RatePoint[], bytes: number): number | undefined {
  const front = paretoFront(points)
  if (front.length < 2 || bytes < front[0].bytes || bytes > front.at(-1)!.bytes) return undefined
  const curve = pchip(
    front.map((point) => Math.log(point.bytes)),
    front.map((point) => point.psnrDb),
  )
  return pchipAt(curve, Math.log(bytes))
}
