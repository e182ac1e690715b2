/** Latent64's curve against every other codec's, on the same images. */
import { groupBy } from '../../node/group-by.ts'
import { BASELINES } from '../baselines/list.ts'
import { type ImageRecord, summarizeAll } from '../image-record.ts'
import { LATENT64 } from '../measure-model.ts'
import type { Comparison, Point } from '../results-schema.ts'
import { bdRate, bytesAtPsnr, psnrAtBytes, type RatePoint } from './bd-rate.ts'

const PCA_NOTE = 'ideal entropy coding, no header'

const ratePoint = ({ bytes, psnrDb }: Point): RatePoint => ({ bytes: bytes.total, psnrDb })

export function compareWithBaselines(records: ImageRecord[]): Comparison[] {
  const points = summarizeAll(records)
  const own = points.filter(({ codec }) => codec === LATENT64).map(ratePoint)
  const others = groupBy(
    points.filter(({ codec }) => codec !== LATENT64),
    ({ codec }) => codec,
  )
  return [...others].map(([codec, theirs]) => ({
    codec,
    note: BASELINES.find((baseline) => baseline.codec === codec)?.note ?? PCA_NOTE,
    bdRate: bdRate(theirs.map(ratePoint), own) ?? null,
    points: theirs.map((point) => ({
      setting: point.setting,
      bytes: point.bytes.total,
      psnrDb: point.psnrDb,
      latent64BytesAtEqualPsnr: bytesAtPsnr(own, point.psnrDb) ?? null,
      latent64PsnrDbAtEqualBytes: psnrAtBytes(own, point.bytes.total) ?? null,
    })),
  }))
}
