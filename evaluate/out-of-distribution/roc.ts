/** How well a number tells unknown images (high) from known ones (low). */

/** The value that this share of the known images exceeds. */
export function thresholdAt(known: number[], falseAlarmRate: number): number {
  const sorted = known.toSorted((a, b) => b - a)
  return sorted[Math.floor(falseAlarmRate * sorted.length)]
}

export const shareAbove = (values: number[], threshold: number) =>
  values.filter((value) => value > threshold).length / values.length

/** Area under the ROC curve: how often an unknown image's number is above a known one's (a tie counts half). */
export function areaUnderRoc(known: number[], unknown: number[]): number {
  const all = [
    ...known.map((value) => ({ value, isUnknown: 0 })),
    ...unknown.map((value) => ({ value, isUnknown: 1 })),
  ]
  all.sort((a, b) => a.value - b.value)
  let rankSum = 0
  for (let first = 0; first < all.length; ) {
    let end = first
    while (end < all.length && all[end].value === all[first].value) end++
    const meanRank = (first + end + 1) / 2 // ranks count from 1; ties share theirs
    for (let i = first; i < end; i++) rankSum += meanRank * all[i].isUnknown
    first = end
  }
  const n = unknown.length
  return (rankSum - (n * (n + 1)) / 2) / (n * known.length)
}
