/** The report's style sheet, in the page so that the file needs nothing else. */
export const style = `
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
.row { display: grid; grid-template-columns: 150px 1fr; gap: 12px; align-items: center; margin: 0 0 6px }
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

.warning { border-left: 4px solid var(--accent); padding: 8px 16px; margin: 24px 0 0; color: var(--ink) }
tr:last-child > * { border-bottom: 0 } code { font-size: 13px; overflow-wrap: anywhere }
`
