import * as tf from '@tensorflow/tfjs'
import type { Losses, Networks, Objective, StepInputs } from './objectives/objective.ts'
import { createAdam, type Optimizer } from './optimizer/adam.ts'

/** One update of all variables. Returns [loss, mse, rateBits], still on the device; the caller disposes it. */
export interface Trainer {
  variables: tf.Variable[]
  optimizer: Optimizer
  step(inputs: StepInputs, learningRate: number): tf.Tensor1D
}

/** All that training changes, in a fixed order: encoder, decoder, the objective's own. */
export function trainedVariables(networks: Networks, objective: Objective): tf.Variable[] {
  const weights = [...networks.encoder.model.trainableWeights, ...networks.decoder.trainableWeights]
  return [...weights.map((w) => w.read() as tf.Variable), ...objective.variables]
}

/** Any families and objective, by automatic differentiation (in which an mlp network is one function, mlp.ts). */
export async function autodiffTrainer(
  networks: Networks,
  objective: Objective,
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
        variables.map((v) => grads[v.name]!),
        learningRate,
      )
      const { loss, mse, rateBits } = losses!
      const values = tf.stack([loss, mse, rateBits]) as tf.Tensor1D
      tf.dispose([loss, mse, rateBits])
      return values
    })
  return { variables, optimizer, step }
}
