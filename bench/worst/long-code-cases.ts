import { noisyPng } from './hostile-png.ts'
import { JPEG, one, PNG, photograph, REFUSED, repeat } from './one-case.ts'
import { form, post } from './send.ts'
import type { WorstCase } from './worst-case.ts'

/** Codes beyond a preview: ?maxBytes= above what one takes. */
export function longCodeCases(): WorstCase[] {
  const quarter = (count: number, query: string) => async () =>
    form(`/compress${query}`, 'image', JPEG, repeat(count, await photograph(500).jpeg().toBuffer()))
  const sized = async (side: number, query: string) =>
    post(`/compress${query}`, JPEG, await photograph(side).jpeg().toBuffer())
  const whole = (query: string) => () => sized(4000, query)
  const noise = (query: string) => async () => post(`/compress${query}`, PNG, await noisyPng(4000))
  return [
    one('long codes', 'a photograph, 1,000 bytes at most', whole('?maxBytes=1000'), 200),
    one('long codes', 'a photograph, a megabyte at most', whole('?maxBytes=1000000'), 200),
    one('long codes', 'a photograph, 40 dB at least', whole('?targetPsnr=40'), 200, 422),
    one('long codes', '6 megapixels of it, 40 dB at least', () => sized(2400, '?targetPsnr=40'), 200, 422),
    one('long codes', 'a photograph, 30 dB at least', whole('?targetPsnr=30'), 200, 422),
    one('long codes', 'a photograph, 25 dB at least', whole('?targetPsnr=25'), 200, 422),
    one(
      'long codes',
      '16 megapixels of noise in a PNG, 25 dB at least',
      noise('?targetPsnr=25'),
      200,
      422,
      REFUSED,
    ),
    one('long codes', '64 photographs, a megabyte at most', quarter(64, '?maxBytes=1000000'), 200, REFUSED),
    one('long codes', '64 photographs, 40 dB at least', quarter(64, '?targetPsnr=40'), 200, 422, REFUSED),
  ]
}
