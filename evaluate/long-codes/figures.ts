/** The tables of docs/long-codes.md. */
import { bdRatePercent, type RatePoint } from './bd-rate.ts'
import type { LongCodesResult } from './results.ts'

type Table = (head: string[], rows: string[][]) => string

export function longCodesTable({ data, budgets, codecs }: LongCodesResult, table: Table): string {
  const rows = Object.entries(codecs).map(([codec, { psnrOfMeanMseDb, meanPsnrDb }]) => [
    codec === 'Latent64' ? '**Latent64**' : codec,
    ...budgets.map((_, i) =>
      psnrOfMeanMseDb[i] === null ? '' : `${psnrOfMeanMseDb[i].toFixed(2)} / ${meanPsnrDb[i]!.toFixed(2)}`,
    ),
  ])
  const head = ['bytes', ...budgets.map((bytes) => bytes.toLocaleString('en'))]
  return (
    `${data.images} photographs of ${data.name}, long side ${data.longSide} pixels; PSNR of the mean error / mean PSNR, dB. ` +
    `A gap: for some photograph the codec has no file that small.\n\n${table(head, rows)}\n\n` +
    `${bdRates({ budgets, codecs })}\n\n` +
    `![PSNR over bytes](../results/plots/long-codes-${data.name}-${data.longSide}.svg)`
  )
}

/** Against each other codec, over the PSNR of the mean error that both reach. */
function bdRates({ budgets, codecs }: Pick<LongCodesResult, 'budgets' | 'codecs'>): string {
  const curve = (codec: string): RatePoint[] =>
    budgets.flatMap((bytes, i) => {
      const psnrDb = codecs[codec].psnrOfMeanMseDb[i]
      return psnrDb === null ? [] : [{ bytes, psnrDb }]
    })
  const others = Object.keys(codecs).filter((codec) => codec !== 'Latent64')
  const rates = others.map((codec) => {
    const percent = bdRatePercent(curve('Latent64'), curve(codec))
    return percent === undefined
      ? undefined
      : `${percent > 0 ? '+' : ''}${percent.toFixed(1)} % against ${codec}`
  })
  return `BD-rate: ${rates.filter(Boolean).join(', ')}.`
}
