/** What results/long-codes-*.json hold. */
export interface LongCodesResult {
  data: { name: string; images: number; longSide: number }
  model: string
  preview: string
  budgets: number[]
  /** For each codec and budget; null if for some image the codec has no file that small. */
  codecs: Record<string, { psnrOfMeanMseDb: (number | null)[]; meanPsnrDb: (number | null)[] }>
  software: Record<string, string>
}
