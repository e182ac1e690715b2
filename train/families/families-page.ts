import type { FamilyResult, FamilyResults } from './results.ts'

/** docs/families.md from results/families.json. */
export function familiesPage({ backend, budget, results }: FamilyResults): string {
  const pairs = results.filter(({ objective }) => objective === 'ae')
  const objectives = results.filter(({ objective, name }) => objective !== 'ae' || name === 'mlp-mlp')
  return `# Families and objectives

Any encoder family works with any decoder family, always through a latent of 64 numbers:

    npm run train -- --encoder lstm --decoder cnn --data mnist --objective ae
    npm run train -- --objective denoising --corruption masking --data mnist
    npm run train -- --objective vae --data mnist

The figures are made by \`npx node train/families/compare-families.ts\` (data: results/families.json): MNIST, each on the same budget of
${budget.images} training images, ${budget.epochs} epochs, batches of ${budget.batch}, Adam, seed 1, ${backend} backend, without the linear path;
PSNR of the mean squared error over the 10,000 test digits, the latent is not quantized. This compares what a small budget
buys, not the families at their best: with the linear path, the commands' default, all start at PCA's quality.
Predicting the mean digit has an MSE of 0.067 (11.7 dB).

| encoder | decoder | parameters | test MSE | test PSNR, dB | on the edge |
|---|---|---:|---:|---:|---|
${pairs.map(pairRow).join('\n')}

"On the edge": whether the worker's executor has all the operations; export names those it lacks. The command line runs
every family.

The objectives, all with an mlp encoder and decoder:

| objective | test PSNR, dB | its own figure |
|---|---:|---|
${objectives.map((r) => `| ${label(r)} | ${r.testPsnrDb.toFixed(2)} | ${ownFigure(r)} |`).join('\n')}

Denoising: the encoder gets the corrupted digit, the PSNR is against the clean one, the gain over the corrupted
digit itself. VAE: minus the ELBO in bits per dimension (an 8-bit sample) from one draw of the posterior, with a
discretized logistic as likelihood; the PSNR is that of the posterior's mean, clipped to [0, 1]. Rate-distortion has rounded
latents at the default level; its bytes are the ideal payload under the learned prior.
`
}

function pairRow(r: FamilyResult): string {
  const edge = r.unsupportedOps.length ? `no: ${r.unsupportedOps.join(', ')}` : 'yes'
  return `| ${r.encoder} | ${r.decoder} | ${r.parameters.toLocaleString('en')} | ${r.testMse.toFixed(4)} | ${r.testPsnrDb.toFixed(2)} | ${edge} |`
}

function label({ objective, corruption, linearPath }: FamilyResult): string {
  if (corruption) return `${objective}, ${corruption.kind} ${corruption.amount}`
  return linearPath ? `${objective}, with the linear path` : objective
}

function ownFigure(r: FamilyResult): string {
  if (r.denoisingGainDb !== undefined) return `gain ${r.denoisingGainDb.toFixed(2)} dB`
  if (r.elboBitsPerDimension !== undefined) return `${r.elboBitsPerDimension.toFixed(3)} bits per dimension`
  if (r.idealBytes !== undefined) return `${r.idealBytes.toFixed(1)} bytes`
  return ''
}
