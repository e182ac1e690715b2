import * as vega from 'vega'
import { compile, type TopLevelSpec } from 'vega-lite'
import type { EpochMetrics, TrainingMetrics } from './metrics.ts'

const config = {
  background: 'transparent',
  font: 'system-ui, sans-serif',
  view: { stroke: 'transparent' },
  axis: {
    grid: true,
    gridColor: '#e7e5e0',
    domain: false,
    ticks: false,
    labelColor: '#57534e',
    titleColor: '#57534e',
    titleFontWeight: 'normal' as const,
    labelPadding: 6,
  },
  legend: { labelColor: '#57534e', title: null, orient: 'top' as const, symbolType: 'stroke' as const },
}

interface Point {
  epoch: number
  value: number
  series: string
}

/** Training (thin: noisy means of about a second) and validation (after each epoch), as an SVG. */
async function curveChart(title: string, points: Point[], logarithmic: boolean): Promise<string> {
  const values = points.filter(({ value }) => Number.isFinite(value) && (!logarithmic || value > 0))
  const spec: TopLevelSpec = {
    data: { values },
    width: 250,
    height: 170,
    config,
    mark: { type: 'line', interpolate: 'monotone', point: values.length < 12 }, // one point makes no line
    encoding: {
      x: { field: 'epoch', type: 'quantitative', title: 'epoch' },
      y: {
        field: 'value',
        type: 'quantitative',
        title,
        scale: logarithmic ? { type: 'log', nice: false } : { zero: false },
      },
      color: {
        field: 'series',
        type: 'nominal',
        scale: { domain: ['training', 'validation'], range: ['#a8a29e', '#c2410c'] },
      },
      strokeWidth: { condition: { test: "datum.series === 'training'", value: 1 }, value: 2.2 },
    },
  }
  const view = new vega.View(vega.parse(compile(spec).spec), { renderer: 'none', logLevel: vega.Error })
  const svg = await view.toSVG()
  view.finalize()
  return svg
}

export interface History {
  training: TrainingMetrics[]
  epochs: EpochMetrics[]
}

const mostPoints = 400

/** Loss and PSNR, and bytes if the objective has a rate. */
export async function learningCurves(
  { training, epochs }: History,
  stepsPerEpoch: number,
): Promise<string[]> {
  const every = Math.max(1, Math.ceil(training.length / mostPoints))
  const thin = training.filter((_, i) => i % every === 0)
  const points = (
    ofTraining: (m: TrainingMetrics) => number,
    ofEpoch: (m: EpochMetrics) => number,
  ): Point[] => [
    ...thin.map((m) => ({ epoch: m.step / stepsPerEpoch, value: ofTraining(m), series: 'training' })),
    ...epochs.slice(1).map((m) => ({ epoch: m.epoch, value: ofEpoch(m), series: 'validation' })),
  ]
  const charts = [
    curveChart(
      'loss',
      points(
        (m) => m.loss,
        (m) => m.validation.loss,
      ),
      true,
    ),
    curveChart(
      'PSNR, dB',
      points(
        (m) => m.psnrDb,
        (m) => m.validation.psnrDb,
      ),
      false,
    ),
  ]
  if (epochs.some(({ validation }) => validation.rateBits > 0))
    charts.push(
      curveChart(
        'rate, bytes per image',
        points(
          (m) => m.rateBits / 8,
          (m) => m.validation.rateBits / 8,
        ),
        false,
      ),
    )
  return Promise.all(charts)
}

const bins = 25

/**
 * A small histogram per latent dimension, with dead ones marked. Not drawn by vega-lite, which takes seconds for 64
 * panels.
 */
export function latentHistograms(values: Float32Array, latent: number, dead: boolean[]): string {
  const [columns, w, h] = [16, 58, 46]
  const rows = Math.ceil(latent / columns)
  const panels = Array.from({ length: latent }, (_, d) => {
    const column = Array.from({ length: values.length / latent }, (_, i) => values[i * latent + d])
    const [x, y] = [(d % columns) * w, Math.floor(d / columns) * h]
    return `<g transform="translate(${x} ${y})">${histogram(column, w - 8, h - 18, dead[d])}<text x="0" y="${h - 8}">${d}${dead[d] ? ' dead' : ''}</text></g>`
  })
  return `<svg viewBox="0 0 ${columns * w} ${rows * h}" class="histograms" role="img" aria-label="histogram of each latent dimension">${panels.join('')}</svg>`
}

function histogram(values: number[], width: number, height: number, dead: boolean): string {
  const sorted = [...values].sort((a, b) => a - b)
  const [low, high] = [sorted[Math.floor(sorted.length * 0.005)], sorted[Math.floor(sorted.length * 0.995)]]
  const counts = new Array<number>(bins).fill(0)
  const span = high - low || 1
  for (const v of values) {
    const bin = Math.floor(((v - low) / span) * bins)
    counts[Math.min(bins - 1, Math.max(0, bin))]++
  }
  const top = Math.max(...counts)
  const bar = width / bins
  const bars = counts.map((count, i) => {
    const tall = (count / top) * height
    return `<rect x="${(i * bar).toFixed(1)}" y="${(height - tall).toFixed(1)}" width="${bar.toFixed(1)}" height="${tall.toFixed(1)}"/>`
  })
  return `<g class="${dead ? 'dead' : 'alive'}">${bars.join('')}</g>`
}
