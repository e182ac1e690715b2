import * as tf from '@tensorflow/tfjs'
import { readAndDispose } from './backends/read-tensor.ts'

/** Means of a few numbers over some steps, summed on the device until they are read. */
export class RunningMean {
  #sum: tf.Tensor1D | undefined
  #count = 0

  /** values: [loss, mse, rateBits]; disposes them. */
  add(values: tf.Tensor1D): void {
    const before = this.#sum
    this.#sum = before ? tf.add(before, values) : values
    if (before) tf.dispose([before, values])
    this.#count++
  }

  /** The mean since the last read; at least one step must have been added. */
  async read(): Promise<{ values: [loss: number, mse: number, rateBits: number]; count: number }> {
    const count = this.#count
    const sums = await readAndDispose(this.#sum!)
    const values = Array.from(sums, (sum) => sum / count) as [number, number, number]
    this.#sum = undefined
    this.#count = 0
    return { values, count }
  }
}
