/** A worker thread that fits rate levels. */
import { runInNode } from '../../node/load-model.ts'
import { serveTasks } from '../../node/pool.ts'
import type { LevelTask, LevelWork } from './level-fitter.ts'
import { levelFitter } from './level-fitter.ts'

await serveTasks(async ({ files, images, effort }: LevelWork) => {
  const fit = levelFitter(await runInNode(files), images, effort)
  return async ({ plan, components }: LevelTask) => fit(plan, components)
})
