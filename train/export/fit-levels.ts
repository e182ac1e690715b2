/** Fits all levels of a model, on all cores. */
import { runPool } from '../../node/pool.ts'
import { startProgress } from '../../node/terminal/progress.ts'
import type { Model } from '../../shared/codec/model.ts'
import type { LevelFit } from './fit-level.ts'
import type { LevelTask, LevelWork } from './level-fitter.ts'
import { levelFitter } from './level-fitter.ts'
import type { LevelPlan } from './rate-levels.ts'

/** Each worker holds a copy of the networks; larger ones than this stay in one thread. */
const MOST_WEIGHT_BYTES = 2 ** 26

export async function fitLevels(
  work: LevelWork,
  model: Model,
  plans: LevelPlan[],
  components: number,
): Promise<LevelFit[]> {
  const progress = startProgress('fitting rate levels', plans.length)
  const fits = new Array<LevelFit>(plans.length)
  const onResult = (fit: LevelFit, index: number) => {
    fits[index] = fit
    progress.advance()
  }
  const { encoder, decoder } = work.files
  try {
    if (encoder.weights.length + decoder.weights.length > MOST_WEIGHT_BYTES) {
      const fit = levelFitter(model, work.images, work.effort)
      for (const [index, plan] of plans.entries()) onResult(fit(plan, components), index)
    } else
      await runPool<LevelTask, LevelFit>({
        module: new URL('./level-worker.ts', import.meta.url),
        setup: work,
        tasks: plans.map((plan) => ({ plan, components })),
        onResult,
      })
  } finally {
    progress.stop()
  }
  return fits
}
