import * as tf from '@tensorflow/tfjs'
import type { Batch } from './batches.ts'
import type { Networks } from './networks/networks.ts'
import type { Losses, ObjectiveBase, StepInputs } from './objectives/losses.ts'
import { createAdam } from './optimizer/adam.ts'
import type { Optimizer } from './optimizer/optimizer.ts'
import { purpose, Random } from './random.ts'
import type { OptimizationSettings, RunSettings } from './settings.ts'

/** One update of all variables. Returns [loss, mse, rateBits], still on the device; the caller disposes it. */
export interface Trainer {
  variables: tf.Variable[]
  optimizer: Optimizer
  step(inputs: StepInputs, learningRate: number): tf.Tensor1D
}

/** All variables that training changes, in a fixed order: encoder, decoder, the objective's own. */
function trainedVariables(networks: Networks, objective: ObjectiveBase): tf.Variable[] {
  const weights = [...networks.encoder.model.trainableWeights, ...networks.decoder.trainableWeights]
  return [...weights.map((w) => w.read() as tf.Variable), ...objective.variables]
}

/** For any families and objective, by automatic differentiation (in which an mlp is a single function, see mlp.ts). */
export async function autodiffTrainer(
  networks: Networks,
  objective: ObjectiveBase,
  clipNorm: number,
): Promise<Trainer> {
  const variables = trainedVariables(networks, objective)
  const optimizer = await createAdam(variables, { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clipNorm })
  const step = (inputs: StepInputs, learningRate: number): tf.Tensor1D =>
    tf.tidy(() => {
      let losses: Losses | undefined
      const { grads } = tf.variableGrads(() => {
        losses = objective.losses(inputs)
        tf.keep(losses.mse)
        tf.keep(losses.rateBits)
        return tf.keep(losses.loss)
      }, variables)
      optimizer.apply(
        variables.map((v) => grads[v.name]),
        learningRate,
      )
      const { loss, mse, rateBits } = losses!
      const values = tf.stack([loss, mse, rateBits]) as tf.Tensor1D
      tf.dispose([loss, mse, rateBits])
      return values
    })
  return { variables, optimizer, step }
}

/** A batch on the device, with the noise of its step. */
export function inputsOf(
  { clean, input, step, count }: Batch,
  noise: ObjectiveBase['noise'],
  { seed, networks }: Pick<RunSettings, 'seed' | 'networks'>,
  epoch: number,
  progress: number,
): StepInputs & { dispose(): void } {
  const shape: [number, number] = [count, clean.length / count]
  const cleanTensor = tf.tensor2d(clean, shape)
  const inputTensor = input === clean ? cleanTensor : tf.tensor2d(input, shape)
  const random = new Random(seed, purpose.noise, epoch, step)
  const noiseTensor = drawNoise(noise, random, [count, networks.latent])
  const tensors = { clean: cleanTensor, input: inputTensor, noise: noiseTensor }
  return { ...tensors, progress, dispose: () => tf.dispose(tensors) }
}

function drawNoise(kind: ObjectiveBase['noise'], random: Random, shape: [number, number]): tf.Tensor2D {
  if (kind === 'none') return tf.zeros([1, 1])
  const draw = kind === 'uniform' ? () => random.uniform() - 0.5 : () => random.normal()
  return tf.tensor2d(Float32Array.from({ length: shape[0] * shape[1] }, draw), shape)
}

export function learningRateAt(
  { learningRate, schedule, warmupSteps }: OptimizationSettings,
  step: number,
  total: number,
): number {
  if (schedule === 'constant') return learningRate
  const warmup = Math.min(1, (step + 1) / Math.max(1, warmupSteps))
  return learningRate * warmup * 0.5 * (1 + Math.cos((Math.PI * step) / total))
}
