// tfjs-backend-webgpu requires '@tensorflow/tfjs-core'. A second copy would have its own engine and backends;
// this hands it the copy that the rest of train/ uses through '@tensorflow/tfjs'.
const { createRequire } = require('node:module')
const { join } = require('node:path')

module.exports = createRequire(join(__dirname, '../../../package.json'))('@tensorflow/tfjs-core')
