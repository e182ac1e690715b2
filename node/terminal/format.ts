/** Numbers as people read them. */

/** 1234567 -> 1,234,567. Not by toLocaleString(), whose first call loads tables for 40 ms. */
export const grouped = (value: number) => String(value).replace(/\B(?=(\d{3})+$)/g, ',')

export const count = (value: number, one: string) => `${grouped(value)} ${one}${value === 1 ? '' : 's'}`

/** startedMs: of performance.now(). For the last line of a run. */
export const secondsSince = (startedMs: number) => `${((performance.now() - startedMs) / 1000).toFixed(1)} s`

export function duration(seconds: number): string {
  const whole = Math.round(seconds)
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  if (h) return `${h} h ${m} min`
  return m ? `${m} min ${s} s` : `${s} s`
}
