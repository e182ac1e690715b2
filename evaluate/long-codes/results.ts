/** What results/long-codes-*.json hold. */
export interface LongCodesResult {
  data: { name: string; images: number; longSide: number }
  model: string
  preview: string
  budgets: number[]
  /** For each codec and budget; null if the codec has no file so small of some image. */
  codecs: Record<string, { psnrOfMeanMseDb: (number | null)[]; meanPsnrDb: (number | null)[] }>
  software: Record<string, string>
}
