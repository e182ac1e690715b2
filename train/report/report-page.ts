import { duration } from '../../node/terminal/format.ts'
import type { Manifest } from '../../shared/manifest.ts'
import type { BaselinePoint } from '../baselines/baselines.ts'
import { overfittingOf } from './overfitting.ts'
import type { StripRow } from './report-rows.ts'
import { style } from './report-style.ts'
import type { TrainingRecord } from './training-record.ts'

interface ReportParts {
  record: TrainingRecord
  manifest: Manifest
  curves: string[] // SVG
  reconstructions: StripRow[]
  histograms: string // SVG
  dead: number
  samples: StripRow[]
  interpolations: StripRow[]
  baselines: BaselinePoint[]
  /** Held-out images behind the histograms and the baselines. */
  shownImages: number
}

export function reportPage(parts: ReportParts): string {
  const { record, manifest } = parts
  const { preset, networks, objective } = record.settings
  const { height, width, channels } = manifest.input
  const families = `${networks.encoder.family} to ${networks.decoder.family}`
  const title = preset === 'none' ? `${families}, ${objective.name}` : preset
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}: training report</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
<p>${networks.encoder.family} encoder, ${networks.decoder.family} decoder, ${manifest.latent} numbers between them; objective ${objective.name}.
Trained on ${count(record.images.training)} images (${escapeHtml(record.data)}, ${height}×${width}×${channels}); ${count(record.images.validation)} were held out.</p>
${tiles(record, manifest)}
${warning(record)}
<h2>Learning</h2>
<p>Validation is on the ${count(record.images.validation)} held-out images, without noise or augmentation, and rounded if the objective rounds.
Training values are means of about a second, with the objective's noise and augmentation.</p>
<div class="curves">${parts.curves.map((svg) => `<div>${svg}</div>`).join('')}</div>
<h2>Reconstructions</h2>
<p>Held-out images through the exported codec; bytes and PSNR are the level's means over held-out images. Error: blue if
the reconstruction is darker than the original, orange if it is lighter; full colour from a third of the range.</p>
<div class="sheet">${parts.reconstructions.map(row).join('')}</div>
${baselineTable(parts)}
${levelTable(record, manifest)}
<h2>Latent</h2>
<p>The histogram of each latent number over ${count(parts.shownImages)} held-out images, from its 0.5th to its 99.5th percentile.
${parts.dead ? `${parts.dead} of ${manifest.latent} are dead at the default level: their symbol is always the same.` : 'No number is dead at the default level.'}</p>
<div class="card">${parts.histograms}</div>
${parts.samples.length ? `<h2>Samples</h2><p>Decoded draws from the prior: digits or pictures that never existed.</p><div class="sheet">${parts.samples.map(row).join('')}</div>` : ''}
<h2>Interpolations</h2>
<p>From one held-out image to another, on a straight line through the latent space.</p>
<div class="sheet">${parts.interpolations.map(row).join('')}</div>
<h2>Settings</h2>
<p><code>${escapeHtml(record.command)}</code></p>
<div class="card"><table>${flatten(record.settings).map(setting).join('')}</table></div>
</main>
</body>
</html>
`
}

const count = (value: number) => value.toLocaleString('en')

function tiles(
  { validation, seconds, epochs, parameters, backend }: TrainingRecord,
  manifest: Manifest,
): string {
  const level = manifest.levels[manifest.defaultLevel]
  const all: [string, string][] = [
    ['a code at the default level', `${level.meanBytes.toFixed(1)} bytes`],
    ['PSNR at the default level', `${level.psnrDb.toFixed(2)} dB`],
    ['PSNR of the networks in training', `${validation.psnrDb.toFixed(2)} dB`],
    ['epochs', String(epochs)],
    ['training time', duration(seconds)],
    ['parameters', count(parameters)],
    ['backend', backend],
  ]
  return `<dl class="tiles">${all.map(([name, value]) => `<div class="tile"><dd>${escapeHtml(value)}</dd><dt>${name}</dt></div>`).join('')}</dl>`
}

function warning(record: TrainingRecord): string {
  const text = overfittingOf(record)
  return text ? `<p class="warning">${escapeHtml(text)}</p>` : ''
}

function row({ label, image }: StripRow): string {
  if (!label) return `<div class="row bare"><img src="${image}" alt="a row of images"></div>`
  return `<div class="row"><span>${escapeHtml(label)}</span><img src="${image}" alt="${escapeHtml(label)}"></div>`
}

type Cell = string | number

const table = (head: string[], rows: Cell[][]) =>
  `<div class="card"><table>${[head, ...rows].map((cells, i) => tableRow(cells, i === 0 ? 'th' : 'td')).join('')}</table></div>`

const tableRow = (cells: Cell[], tag: 'th' | 'td') =>
  `<tr>${cells.map((cell, i) => `<${tag}${i > 0 ? ' class="number"' : ''}>${escapeHtml(String(cell))}</${tag}>`).join('')}</tr>`

function baselineTable({ baselines, manifest, shownImages }: ReportParts): string {
  const level = manifest.levels[manifest.defaultLevel]
  const own = { codec: 'this model, default level', bytes: level.meanBytes, psnrDb: level.psnrDb }
  const rows = [own, ...baselines].map(({ codec, bytes, psnrDb }) => [
    codec,
    bytes.toFixed(1),
    psnrDb.toFixed(2),
  ])
  return `<h2>Beside other codecs</h2>
<p>Principal components are what a linear model can do at the same bytes. The others' figures are means over ${count(shownImages)} held-out images.</p>
${table(['codec', 'bytes', 'PSNR, dB'], rows)}`
}

function levelTable({ images }: TrainingRecord, { levels, defaultLevel }: Manifest): string {
  const rows = levels.map(({ meanBytes, psnrDb }, i) => [
    i === defaultLevel ? `${i}, the default` : i,
    meanBytes.toFixed(2),
    psnrDb.toFixed(2),
  ])
  return `<h2>Rate levels</h2>
<p>As exported: means over ${count(images.measured)} held-out images, each through the whole codec, header included.</p>
${table(['level', 'bytes', 'PSNR, dB'], rows)}`
}

/** Groups of settings as one list: networks.encoder.family. */
function flatten(group: object, prefix = ''): [string, unknown][] {
  return Object.entries(group).flatMap(([name, value]): [string, unknown][] =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? flatten(value, `${prefix}${name}.`)
      : [[`${prefix}${name}`, value]],
  )
}

function setting([name, value]: [string, unknown]): string {
  return `<tr><th>${name}</th><td>${escapeHtml(settingText(value))}</td></tr>`
}

function settingText(value: unknown): string {
  if (value === null) return 'none'
  return Array.isArray(value) ? value.join(', ') : String(value)
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`)
}
