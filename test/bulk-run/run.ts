/** `npm run bulk:test`: the consumer under faults, at any size. */
import { parseArgs } from 'node:util'
import { endWithNpm } from '../../node/lifecycle.ts'
import { buildAssets, defaultAssets } from '../../scripts/build-assets.ts'
import { runFaults } from './faults.ts'

const HELP = `Compresses a bucket of made-up objects through the bulk consumer in workerd, on R2 and D1 that fail now and
then, with a queue that delivers twice and in any order, while objects change and workerd is killed; then compares
every row with the bucket and every code with the CLI's.

  npm run bulk:test -- [--objects N] [--seed N] [--faults SHARE] [--kills N] [--consumers N] [--attempts N]

  --objects N      default 10000; all formats, one in ten broken
  --seed N         default 1
  --faults SHARE   of calls to D1 and R2 that fail, default 0.02
  --kills N        of workerd (SIGKILL), each in the middle of a batch, default 5
  --consumers N    batches at a time, default 3
  --attempts N     deliveries of a message before it is a dead letter, default 30
`

endWithNpm()
const { values } = parseArgs({
  options: {
    objects: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    faults: { type: 'string', default: '0.02' },
    kills: { type: 'string', default: '5' },
    consumers: { type: 'string', default: '3' },
    attempts: { type: 'string', default: '30' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(HELP)
  process.exit()
}

await buildAssets(defaultAssets)
const LINE_EVERY_MS = 10_000
let writtenMs = 0
const result = await runFaults({
  objects: Number(values.objects),
  seed: Number(values.seed),
  faults: Number(values.faults),
  kills: Number(values.kills),
  consumers: Number(values.consumers),
  maxAttempts: Number(values.attempts),
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
