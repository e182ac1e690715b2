import * as vega from 'vega'
import { compile, type TopLevelSpec } from 'vega-lite'
import { LATENT64 } from '../measure-model.ts'
import type { Point, RateDistortion } from '../results-schema.ts'

/** Mid-tones without a background, readable on both white and black. */
const INK = '#7f858d'
const GRID = '#7f858d33'
const COLOURS: Record<string, string> = {
  [LATENT64]: '#e5484d',
  PCA: '#8e8c99',
  'PCA-64': '#b8a99a',
  ThumbHash: '#12a594',
  BlurHash: '#3e8ef7',
  WebP: '#46a758',
  JPEG: '#d6861f',
  AVIF: '#9b6fd1',
  'JPEG XL': '#d163a7',
  PNG: '#7c7f3a',
}
const MEASURES = {
  psnrDb: { title: 'PSNR, dB', top: 40 },
  ssim: { title: 'SSIM', top: 1 },
}

/** Points -> an SVG of quality over bytes per image, with a line per codec. */
export async function plotRateDistortion(
  result: RateDistortion,
  measure: keyof typeof MEASURES,
): Promise<string> {
  const spec = compile(rateDistortionSpec(result, measure)).spec
  const view = new vega.View(vega.parse(spec), { renderer: 'none', logLevel: vega.Error })
  const svg = await view.toSVG()
  view.finalize()
  return `${svg}\n`
}

function rateDistortionSpec(
  { data, model, points }: RateDistortion,
  measure: keyof typeof MEASURES,
): TopLevelSpec {
  const { title, top } = MEASURES[measure]
  const shown = points.filter((point) => point.setting.startsWith('level') || point.codec !== LATENT64)
  const values = shown.filter((point) => point[measure] <= top).map((point) => rowOf(point, measure))
  const codecs = Object.keys(COLOURS).filter((codec) => values.some((row) => row.codec === codec))
  const { height, width, channels } = data.shape
  const what = `${data.images.toLocaleString('en')} images of ${width}x${height}${channels === 3 ? ', colour' : ''}`
  return {
    width: 620,
    height: 380,
    background: 'transparent',
    padding: 8,
    title: { text: `${model?.name ?? ''} on ${data.name}: ${what}`, color: INK, anchor: 'start' },
    data: { values },
    encoding: {
      x: {
        field: 'bytes',
        type: 'quantitative',
        scale: { type: 'log', nice: false },
        axis: {
          title: 'bytes per image, everything included',
          values: [5, 10, 20, 50, 100, 200, 500, 1000, 2000],
        },
      },
      y: { field: 'quality', type: 'quantitative', scale: { zero: false }, axis: { title } },
      color: {
        field: 'codec',
        type: 'nominal',
        sort: null,
        scale: { domain: codecs, range: codecs.map((codec) => COLOURS[codec]) },
        legend: { title: null },
      },
      order: { field: 'bytes' },
    },
    layer: [
      { mark: { type: 'line', clip: true }, encoding: { strokeWidth: widths } },
      { mark: { type: 'point', filled: true, opacity: 1, clip: true }, encoding: { size: sizes } },
    ],
    config: {
      font: 'system-ui, sans-serif',
      axis: { labelColor: INK, titleColor: INK, gridColor: GRID, domainColor: INK, tickColor: INK },
      legend: { labelColor: INK },
      view: { stroke: null },
    },
  }
}

const isOurs = `datum.codec === '${LATENT64}'`
const widths = { condition: { test: isOurs, value: 3 }, value: 1.4 }
/** ThumbHash is a single point, and no line would lead the eye to it. */
const sizes = { condition: { test: `${isOurs} || datum.codec === 'ThumbHash'`, value: 70 }, value: 24 }

const rowOf = (point: Point, measure: keyof typeof MEASURES) => ({
  codec: point.codec,
  bytes: point.bytes.total,
  quality: point[measure],
})
