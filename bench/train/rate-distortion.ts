/** A child process of bench:train: seconds until a rate-distortion model is good enough, as one JSON line on stdout.
 *
 *   node bench/train/rate-distortion.ts --backend tensorflow --lambda 400 --epochs 6 --psnr 24.5 --bytes 32
 *
 * The model of rate_distortion.py, trained by `npm run train`'s own objective and loop, with one rate level. Seconds
 * count from the start of Node, so they include loading, PCA and evaluation.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { positiveNumber, realNumber } from '../../node/terminal/options.ts'
import { type BackendName, selectBackend } from '../../train/backends/backend.ts'
import { setTensorFlowEnvironment } from '../../train/backends/tensorflow-environment.ts'
import { noAugmentation } from '../../train/data/augment.ts'
import { subset } from '../../train/data/images.ts'
import { memorySource } from '../../train/data/memory-source.ts'
import { mnist } from '../../train/data/mnist.ts'
import { fit, unattended } from '../../train/fit.ts'
import { prepareTraining } from '../../train/prepare.ts'
import { presets } from '../../train/presets.ts'
import type { RunSettings } from '../../train/settings.ts'

const options = new Command('rate-distortion.ts')
  .option('--backend <name>', 'of ours', 'tensorflow')
  .option('--lambda <n>', 'weight of distortion', realNumber, 400)
  .option('--epochs <n>', 'at most', positiveNumber, 6)
  .option('--psnr <db>', 'stops at this', realNumber, 24.5)
  .option('--bytes <n>', 'and this many bytes of ideal payload', realNumber, 32)
  .parse()
  .opts<{ backend: BackendName; lambda: number; epochs: number; psnr: number; bytes: number }>()
const settings: RunSettings = {
  ...presets.mnist,
  data: { ...presets.mnist.data, augmentation: noAugmentation },
  objective: {
    name: 'rate-distortion',
    lambdas: [options.lambda],
    levelShares: [1],
    defaultLevel: 0,
    levelsFrom: 0,
    targetBytes: 0,
    components: 3,
    roundedFrom: 1,
    steps: 'learned',
    distortion: 'mse',
    chromaWeight: 1,
  },
  optimization: {
    ...presets.mnist.optimization,
    batch: 256,
    epochs: options.epochs,
    learningRate: 1e-3,
    precision: 'float32',
  },
}

setTensorFlowEnvironment(settings)
await selectBackend(options.backend)
const [train, test] = [mnist('train'), mnist('test')]
const sample = subset(
  train,
  Array.from({ length: 20_000 }, (_, i) => i),
)
const training = await prepareTraining(settings, {
  training: memorySource('mnist', train, noAugmentation),
  validation: test,
  sample,
})
const out = mkdtempSync(join(tmpdir(), 'latent64-bench-'))
const goodEnough = new AbortController()
const run = { ...training, backend: options.backend, out, ...unattended(), signal: goodEnough.signal }
let result: object = {}
run.metrics.epoch = ({ epoch, validation: { psnrDb, rateBits } }) => {
  result = { seconds: process.uptime(), epochs: epoch, psnrDb, idealBytes: rateBits / 8 }
  if (psnrDb >= options.psnr && rateBits / 8 <= options.bytes) goodEnough.abort()
}
await fit(run)
rmSync(out, { recursive: true })
console.log(JSON.stringify(result))
process.exit(0)
