import { createRequire } from 'node:module'
import { join } from 'node:path'
import util from 'node:util'
import * as tf from '@tensorflow/tfjs'
import { type Flavour, moduleName, packageFolder } from '../tensorflow/paths.ts'
import { registerFastKernels } from './tensorflow-kernels.ts'

let registered = false

/** Loads tfjs-node, which registers its 'tensorflow' backend into the project's tfjs, and makes it the current one. */
export async function loadTensorFlow(flavour: Flavour): Promise<void> {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2' // otherwise libtensorflow prints banners on stderr
  restoreOldUtil()
  createRequire(join(packageFolder, 'package.json'))(moduleName(flavour))
  await tf.setBackend('tensorflow')
  await tf.ready()
  if (!registered) registerFastKernels()
  registered = true
}

/** tfjs-node 4.22 calls util.isNullOrUndefined and util.isArray: deprecated (a warning), and gone in Node 23
 * ("util.isNullOrUndefined is not a function"). Can go with the tfjs-node that no longer does. */
function restoreOldUtil(): void {
  Object.assign(util, {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
    isArray: Array.isArray,
  })
}
