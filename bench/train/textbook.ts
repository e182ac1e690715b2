/** A child process of bench:train: the textbook autoencoder by `npm run train`'s own loop, as one JSON line on stdout.
 *
 *   node bench/train/textbook.ts --backend tensorflow --batch 64 --epochs 3 --losses 20 --weights FILE
 *
 * Writes its initial weights to FILE if that does not exist, for textbook.py to start from.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs'
import { Command } from 'commander'
import { positiveNumber, wholeNumber } from '../../node/terminal/options.ts'
import { type BackendName, selectBackend } from '../../train/backends/backend.ts'
import { setTensorFlowEnvironment } from '../../train/backends/tensorflow-environment.ts'
import { toUnit } from '../../train/batches.ts'
import { subset } from '../../train/data/images.ts'
import { memorySource } from '../../train/data/memory-source.ts'
import { mnist } from '../../train/data/mnist.ts'
import { fit, unattended } from '../../train/fit.ts'
import type { Networks } from '../../train/networks/networks.ts'
import { prepareTraining } from '../../train/prepare.ts'
import { presets } from '../../train/presets.ts'
import type { RunSettings } from '../../train/settings.ts'

const options = new Command('textbook.ts')
  .option('--backend <name>', 'of ours', 'tensorflow')
  .option('--batch <n>', 'images per training step', positiveNumber, 64)
  .option('--epochs <n>', 'to time; 0 for the losses alone', wholeNumber, 3)
  .option('--losses <n>', 'how many first losses to print', wholeNumber, 20)
  .option('--weights <file>', 'where the first weights go, for the other side')
  .parse()
  .opts<{ backend: BackendName; batch: number; epochs: number; losses: number; weights?: string }>()
const { batch, epochs } = options
const settings: RunSettings = {
  ...presets.textbook,
  optimization: { ...presets.textbook.optimization, batch, epochs },
}
const images = mnist('train')

setTensorFlowEnvironment(settings)
await selectBackend(options.backend)
const losses = await firstLosses(options.losses)
console.log(JSON.stringify({ losses, secondsPerEpoch: epochs ? await secondsPerEpoch() : [] }))
process.exit(0)

/** All 60,000 images in each epoch; 100 of them stand in for the validation set. */
function start() {
  const training = memorySource('mnist', images, settings.data.augmentation)
  const validation = subset(
    images,
    Array.from({ length: 100 }, (_, i) => i),
  )
  return prepareTraining(settings, { training, validation, sample: validation })
}

/** On the images in file order, as in textbook.py, to prove that both train the same network. */
async function firstLosses(count: number): Promise<number[]> {
  const { networks, trainer } = await start()
  if (options.weights && !existsSync(options.weights))
    writeFileSync(options.weights, await flatWeights(networks))
  const losses: number[] = []
  for (let i = 0; i < count; i++) {
    const samples = images.samples.subarray(i * batch * 784, (i + 1) * batch * 784)
    const x = tf.tensor2d(toUnit(samples), [batch, 784])
    const noise = tf.zeros([1, 1]) as tf.Tensor2D
    const loss = trainer.step({ clean: x, input: x, noise, progress: 0 }, settings.optimization.learningRate)
    losses.push((await loss.data())[0])
    tf.dispose([x, noise, loss])
  }
  return losses
}

async function flatWeights({ encoder, decoder }: Networks): Promise<Buffer> {
  const weights = [...encoder.model.getWeights(), ...decoder.getWeights()]
  return Buffer.concat(
    await Promise.all(weights.map(async (w) => Buffer.from((await w.data<'float32'>()).slice().buffer))),
  )
}

async function secondsPerEpoch(): Promise<number[]> {
  const out = mkdtempSync(join(tmpdir(), 'latent64-bench-'))
  const ends: number[] = []
  const metrics = { training() {}, epoch: ({ seconds }: { seconds: number }) => void ends.push(seconds) }
  await fit({ ...(await start()), backend: options.backend, out, ...unattended(), metrics })
  rmSync(out, { recursive: true })
  return ends.slice(1).map((end, i) => end - ends[i])
}
