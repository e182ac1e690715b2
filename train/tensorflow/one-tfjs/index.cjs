// tfjs-node requires '@tensorflow/tfjs'. A second copy would have its own engine, gradients and backends;
// this hands it the copy that the rest of train/ imports.
const { createRequire } = require('node:module')
const { join } = require('node:path')

module.exports = createRequire(join(__dirname, '../../../package.json'))('@tensorflow/tfjs')
