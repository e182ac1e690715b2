import type { OutOfDistribution } from '../results-schema.ts'

const percent = (share: number) => `${(100 * share).toFixed(1)}`

/** docs/out-of-distribution.md, as a whole. */
export function outOfDistributionPage(result: OutOfDistribution): string {
  const { model, data, level, shipped, falseAlarmRates, statistics } = result
  const rates = falseAlarmRates.map((rate) => `${percent(rate)} %`)
  const known = shipped[0]
  return `# Images that a model does not know

<!-- Written by \`npm run plots\` from results/out-of-distribution.json; that file by evaluate/out-of-distribution/out-of-distribution.ts. -->

\`/compress\` responds with \`inDistribution: false\` if an image costs the model more than 99 % of the validation images
did. Measured with model \`${model.name}\` (${model.id}) at its default rate level ${level}, on MNIST's ${data.images.toLocaleString('en')} test digits and on other images.

## The shipped rule

Its threshold was set on validation images when the model was exported; nothing was fitted to the images below.

| images | number | flagged, % |
|---|---:|---:|
${shipped.map((row) => `| ${row.name}${row === known ? ' (false alarms)' : ''} | ${row.images.toLocaleString('en')} | ${percent(row.flagged)} |`).join('\n')}

## What else could be compared with a threshold

The share of each set that is caught, in percent, if the threshold lets ${rates.join(', ')} of the test digits cause a
false alarm, and the area under the whole ROC curve (0.5: no better than chance).

${statistics.map((statistic) => statisticTable(statistic, rates)).join('\n\n')}

Fashion-MNIST is represented by the 900 images of the picture in its own repository, as no npm package has all of it.
Digits upside down are a bound on what to expect: half of the digits are still digits, or nearly so, and a codec has no
reason to refuse them.
`
}

function statisticTable(
  { name, formula, sets }: OutOfDistribution['statistics'][number],
  rates: string[],
): string {
  const rows = sets.map(
    (set) => `| ${set.name} | ${set.caught.map(percent).join(' | ')} | ${set.auc.toFixed(4)} |`,
  )
  return [
    `**${name}**: ${formula}`,
    '',
    `| caught at false alarms of | ${rates.join(' | ')} | area |`,
    `|---|${rates.map(() => '---:|').join('')}---:|`,
    ...rows,
  ].join('\n')
}
