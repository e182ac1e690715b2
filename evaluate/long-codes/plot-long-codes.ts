import * as vega from 'vega'
import { compile, type TopLevelSpec } from 'vega-lite'
import type { LongCodesResult } from './results.ts'

const COLOURS = { Latent64: '#e5484d', WebP: '#46a758', AVIF: '#9b6fd1', JPEG: '#d6861f' }
const INK = '#7f858d'

/** PSNR over bytes, with a line per codec. */
export async function plotLongCodes({ data, budgets, codecs }: LongCodesResult): Promise<string> {
  const values = Object.entries(codecs).flatMap(([codec, { psnrOfMeanMseDb }]) =>
    budgets.flatMap((bytes, i) =>
      psnrOfMeanMseDb[i] === null ? [] : [{ codec, bytes, psnrDb: psnrOfMeanMseDb[i] }],
    ),
  )
  const spec: TopLevelSpec = {
    ...{ width: 620, height: 380, background: 'transparent', padding: 8, data: { values } },
    title: {
      text: `${data.images} photographs of ${data.name}, long side ${data.longSide} pixels`,
      color: INK,
      anchor: 'start',
    },
    mark: { type: 'line', point: true },
    encoding: {
      x: {
        ...{ field: 'bytes', type: 'quantitative', scale: { type: 'log', nice: false } },
        axis: { title: 'bytes per image, everything included', values: budgets },
      },
      y: {
        field: 'psnrDb',
        type: 'quantitative',
        scale: { zero: false },
        axis: { title: 'PSNR of the mean error, dB' },
      },
      color: {
        ...{ field: 'codec', type: 'nominal', sort: null, legend: { title: null } },
        scale: { domain: Object.keys(COLOURS), range: Object.values(COLOURS) },
      },
    },
    config: {
      font: 'system-ui, sans-serif',
      axis: { labelColor: INK, titleColor: INK, gridColor: `${INK}33`, domainColor: INK, tickColor: INK },
      legend: { labelColor: INK },
      view: { stroke: null },
    },
  }
  const view = new vega.View(vega.parse(compile(spec).spec), { renderer: 'none', logLevel: vega.Error })
  const svg = await view.toSVG()
  view.finalize()
  return `${svg}\n`
}
