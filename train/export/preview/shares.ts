/** How often each of `size` values occurs. */
export function countsOf(values: ArrayLike<number>, size: number): Float64Array {
  const counts = new Float64Array(size)
  for (let i = 0; i < values.length; i++) counts[values[i]] += 1
  return counts
}

/** Counts -> shares that sum to 256, each at least one. */
export function sharesOf(counts: ArrayLike<number>): Uint8Array {
  const all = Array.from(counts)
  const total = all.reduce((sum, count) => sum + count, 0) || 1
  const shares = all.map((count) => Math.max(1, Math.round((256 * count) / total)))
  for (let excess = shares.reduce((a, b) => a + b, 0) - 256; excess !== 0; excess -= Math.sign(excess))
    shares[shares.indexOf(Math.max(...shares))] -= Math.sign(excess)
  return Uint8Array.from(shares)
}
