/** `npm run bulk:test`: the consumer under faults, at any size. */

import { Command } from 'commander'
import { endWithNpm } from '../../node/lifecycle.ts'
import { positiveNumber, realNumber, wholeNumber } from '../../node/terminal/options.ts'
import { buildAssets, defaultAssets } from '../../scripts/build-assets.ts'
import { runFaults } from './faults.ts'

endWithNpm()
interface FaultOptions {
  objects: number
  seed: number
  faults: number
  kills: number
  consumers: number
  attempts: number
}
const options = new Command('npm run bulk:test --')
  .description(
    "Compresses a bucket of made-up objects through the bulk consumer in workerd, on R2 and D1 that fail now and then, with a queue that delivers twice and in any order, while objects change and workerd is killed; then compares every row with the bucket and every code with the CLI's.",
  )
  .option('--objects <n>', 'all formats, one in ten broken', positiveNumber, 10_000)
  .option('--seed <n>', 'another seed, other objects', wholeNumber, 1)
  .option('--faults <share>', 'of calls to D1 and R2 that fail', realNumber, 0.02)
  .option('--kills <n>', 'of workerd (SIGKILL), each in the middle of a batch', wholeNumber, 5)
  .option('--consumers <n>', 'batches at a time', positiveNumber, 3)
  .option('--attempts <n>', 'deliveries of a message before it is a dead letter', positiveNumber, 30)
  .parse()
  .opts<FaultOptions>()

await buildAssets(defaultAssets)
const LINE_EVERY_MS = 10_000
let writtenMs = 0
const result = await runFaults({
  objects: options.objects,
  seed: options.seed,
  faults: options.faults,
  kills: options.kills,
  consumers: options.consumers,
  maxAttempts: options.attempts,
  onProgress: (stage, done, total) => {
    if (performance.now() - writtenMs < LINE_EVERY_MS) return
    writtenMs = performance.now()
    process.stderr.write(`${stage}: ${done} of ${total}\n`)
  },
})
const { differences, ...figures } = result
console.log(JSON.stringify(figures))
for (const difference of differences.slice(0, 20)) console.log(difference)
console.log(differences.length === 0 ? 'every row is right' : `${differences.length} rows are wrong`)
process.exitCode = differences.length === 0 ? 0 : 1
