/** Tables of scores by metrics that follow human perception. */
type Table = (head: string[], rows: string[][]) => string

/** What results/eyes/*.json hold. */
interface Eyes {
  data: string
  images: number
  longSide: number
  points: {
    codec: string
    setting: string
    bytes: number
    deltaE00: number
    ssimulacra2: number
    butteraugli: number
    ssim: number
    psnrDb: number
  }[]
}

/** Ours beside other placeholders. */
export function eyesTable(result: Eyes, table: Table): string {
  const rows = result.points.map((point) => [
    point.codec === 'Latent64' ? `**Latent64**, ${point.setting}` : `${point.codec} ${point.setting}`,
    point.bytes.toFixed(1),
    point.deltaE00.toFixed(2),
    point.ssimulacra2.toFixed(0),
    point.butteraugli.toFixed(1),
    point.ssim.toFixed(4),
    point.psnrDb.toFixed(2),
  ])
  const head = ['placeholder', 'bytes', 'ΔE00', 'SSIMULACRA2', 'Butteraugli', 'SSIM', 'PSNR dB']
  return `${result.images} ${result.data} photographs, never trained on, drawn at a long side of ${result.longSide} px; means, everything included. Lower is better for ΔE00 and Butteraugli, higher for the others:\n\n${table(head, rows)}`
}
