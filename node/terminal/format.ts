/** Numbers as people read them. */

export const count = (value: number, one: string) =>
  `${value.toLocaleString('en')} ${one}${value === 1 ? '' : 's'}`

/** Since a time of performance.now(), for the last line of a run. */
export const secondsSince = (startedMs: number) => `${((performance.now() - startedMs) / 1000).toFixed(1)} s`

export function duration(seconds: number): string {
  const whole = Math.round(seconds)
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  if (h) return `${h} h ${m} min`
  return m ? `${m} min ${s} s` : `${s} s`
}
