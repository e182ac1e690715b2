/** What the scripts that make training data of real codes are given: --photos DIR --model DIR --out PATH. */
import { parseArgs } from 'node:util'
import { loadGridDirectory } from '../../node/grid-model-directory.ts'
import { loadModelDirectory } from '../../node/load-model.ts'
import { findModel } from '../../node/model-directory.ts'
import { photographs } from './photograph-files.ts'

export async function scriptInputs() {
  const { values } = parseArgs({
    options: { photos: { type: 'string' }, model: { type: 'string' }, out: { type: 'string' } },
  })
  const { photos, model, out } = values
  if (!photos || !model || !out) throw new Error('expected --photos DIR --model DIR --out PATH')
  const preview = await loadModelDirectory(findModel('preview').directory)
  return { files: photographs(photos), grid: await loadGridDirectory(model), preview, out }
}
