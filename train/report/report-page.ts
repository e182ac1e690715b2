import type { ImageShape } from '../../shared/manifest.ts'
import { duration } from './progress.ts'
import type { TrainingRecord } from './training-record.ts'

export interface StripRow {
  label: string
  image: string // data URL
}

export interface ReportParts {
  title: string
  record: TrainingRecord
  curves: string[] // SVG
  reconstructions: StripRow[]
  histograms: string // SVG
  dead: number
  samples: StripRow[]
  interpolations: StripRow[]
  shape: ImageShape
}

const style = `
:root { color-scheme: light dark; --ink: #1c1917; --soft: #78716c; --line: #e7e5e0; --paper: #fafaf9; --card: #fff; --bar: #57534e; --accent: #c2410c }
@media (prefers-color-scheme: dark) {
  :root { --ink: #f5f5f4; --soft: #a8a29e; --line: #3b3835; --paper: #161413; --card: #201e1c; --bar: #a8a29e; --accent: #f0703a }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif }
main { max-width: 1040px; margin: 0 auto; padding: 48px 24px 96px }
h1 { font-size: 34px; line-height: 1.2; margin: 0 0 4px; letter-spacing: -.02em }
h2 { font-size: 20px; margin: 56px 0 4px; letter-spacing: -.01em }
p { margin: 0 0 16px; color: var(--soft); max-width: 68ch }
.tiles { display: flex; flex-wrap: wrap; gap: 12px; margin: 28px 0 0; padding: 0 }
.tile { flex: 1 0 auto; background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 12px 16px }
.tile dd { margin: 0; font-size: 22px; font-weight: 600; font-variant-numeric: tabular-nums; white-space: nowrap }
.tile dt { font-size: 13px; color: var(--soft) }
.curves { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(300px, 100%), 1fr)); gap: 16px }
.curves > div, .sheet, .card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 16px }
.curves svg { display: block; width: 100%; height: auto }
/* Vega writes its colours as attributes, which these override. */
.curves text { fill: var(--soft) } .curves .role-axis-grid line { stroke: var(--line) } .curves [stroke="#c2410c"] { stroke: var(--accent) }
.row { display: grid; grid-template-columns: 130px 1fr; gap: 12px; align-items: center; margin: 0 0 6px }
.row span { font-size: 13px; color: var(--soft); text-align: right }
@media (max-width: 600px) {
  main { padding: 32px 16px 64px }
  .row { grid-template-columns: 1fr; gap: 2px; min-width: 640px } .row span { text-align: left }
  .card .histograms { min-width: 640px } .sheet, .card { overflow-x: auto }
}
.row.bare { grid-template-columns: 1fr }
.row img { width: 100%; image-rendering: pixelated; display: block; border-radius: 3px }
.histograms { width: 100%; display: block }
.histograms text { font: 9px system-ui, sans-serif; fill: var(--soft) }
.alive { fill: var(--bar) } .dead { fill: var(--accent) }
table { border-collapse: collapse; width: 100%; font-size: 14px; font-variant-numeric: tabular-nums }
td, th { text-align: left; padding: 5px 12px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top; font-weight: normal }
td { overflow-wrap: anywhere } th { color: var(--soft) } td.number, th.number { text-align: right }
tr:last-child > * { border-bottom: 0 } code { font-size: 13px; overflow-wrap: anywhere }
`

export function reportPage(parts: ReportParts): string {
  const { shape, record } = parts
  const { networks, objective } = record.settings
  const size = `${shape.height}×${shape.width}×${shape.channels}`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(parts.title)}: training report</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escapeHtml(parts.title)}</h1>
<p>${networks.encoder.family} encoder, ${networks.decoder.family} decoder, ${networks.latent} numbers between them; objective ${objective.name};
trained on ${escapeHtml(record.data)} (${size}).</p>
${tiles(parts)}
<h2>Learning</h2>
<p>Validation is what the codec will do: no noise, no augmentation, rounded where the objective rounds. Training values
are means of about a second, with the objective's noise and augmentation.</p>
<div class="curves">${parts.curves.map((svg) => `<div>${svg}</div>`).join('')}</div>
<h2>Reconstructions</h2>
<p>Validation images, which training never saw. Error: blue where the reconstruction is darker than the original, orange
where it is lighter; full colour from a third of the range.</p>
<div class="sheet">${parts.reconstructions.map(row).join('')}</div>
${levelTable(record)}
<h2>Latent</h2>
<p>The histogram of each latent number over validation images, from its 0.5th to its 99.5th percentile.
${parts.dead ? `${parts.dead} of ${networks.latent} are dead: they carry nothing.` : 'None is dead.'}</p>
<div class="card">${parts.histograms}</div>
${parts.samples.length ? `<h2>Samples</h2><p>Decoded draws from the prior: digits or pictures that never existed.</p><div class="sheet">${parts.samples.map(row).join('')}</div>` : ''}
<h2>Interpolations</h2>
<p>From one validation image to another, on a straight line through the latent space.</p>
<div class="sheet">${parts.interpolations.map(row).join('')}</div>
<h2>Settings</h2>
<p><code>${escapeHtml(record.command)}</code></p>
<div class="card"><table>${flatten(record.settings).map(setting).join('')}</table></div>
</main>
</body>
</html>
`
}

function tiles({ record }: ReportParts): string {
  const { validation, rateLevels, seconds, epochs, parameters, backend, settings } = record
  const { objective } = settings
  const level = objective.name === 'rate-distortion' ? rateLevels?.[objective.defaultLevel] : undefined
  const all: [string, string][] = [
    ['validation PSNR', `${validation.psnrDb.toFixed(2)} dB`],
    ...(level ? [['ideal payload', `${level.idealBytes.toFixed(1)} bytes`] as [string, string]] : []),
    ['epochs', String(epochs)],
    ['training time', duration(seconds)],
    ['parameters', parameters.toLocaleString('en')],
    ['backend', backend],
  ]
  return `<dl class="tiles">${all.map(([name, value]) => `<div class="tile"><dd>${escapeHtml(value)}</dd><dt>${name}</dt></div>`).join('')}</dl>`
}

function row({ label, image }: StripRow): string {
  if (!label) return `<div class="row bare"><img src="${image}" alt="a row of images"></div>`
  return `<div class="row"><span>${escapeHtml(label)}</span><img src="${image}" alt="${escapeHtml(label)}"></div>`
}

function levelTable({ rateLevels: levels }: TrainingRecord): string {
  if (!levels) return ''
  const rows = levels.map(
    ({ lambda, idealBytes, psnrDb }, i) =>
      `<tr><td>${i}</td><td class="number">${lambda}</td><td class="number">${idealBytes.toFixed(2)}</td><td class="number">${psnrDb.toFixed(2)}</td></tr>`,
  )
  return `<h2>Rate levels</h2><p>On validation images; bytes are the ideal payload by the learned prior.</p>
<div class="card"><table><tr><th>level</th><th class="number">lambda</th><th class="number">bytes</th><th class="number">PSNR, dB</th></tr>${rows.join('')}</table></div>`
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
