import { defaultWidths } from '../networks/families.ts'
import type { FamilySettings } from '../networks/network-settings.ts'
import { defaultSize, type RunSettings } from '../settings.ts'

/** Up to this many numbers in the largest layer's output for a batch, one thread is faster than two. */
const smallOutput = 64 * 256

/**
 * Sets what TensorFlow reads from the environment when it starts, so call it before the backend is selected. Variables
 * that the user has set are kept.
 *
 * - bfloat16: on CPUs with AMX, matrix products take a third of the time; elsewhere it changes nothing.
 * - One thread for small matrix products, as giving a second one a share costs more than it saves.
 */
export function setTensorFlowEnvironment(settings: RunSettings): void {
  if (settings.optimization.precision === 'bfloat16') process.env.TF_SET_ONEDNN_FPMATH_MODE ??= 'BF16'
  if (hasSmallProducts(settings)) process.env.TF_NUM_INTRAOP_THREADS ??= '1'
}

function hasSmallProducts({
  data,
  networks: { encoder, decoder },
  optimization: { batch },
}: RunSettings): boolean {
  const shape = data.size ?? defaultSize
  const widest = ({ family, widths }: FamilySettings) => Math.max(...(widths ?? defaultWidths(family, shape)))
  const width = Math.max(widest(encoder), widest(decoder))
  return encoder.family !== 'cnn' && decoder.family !== 'cnn' && batch * width <= smallOutput
}
