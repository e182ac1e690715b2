/** Prints what one decode allocates, in bytes, once V8 has compiled it: run with --expose-gc and a young space that never fills. */
import { median } from '../../evaluate/median.ts'
import { decode } from '../../shared/preview/preview.ts'
import vectors from '../vectors/preview-1.json' with { type: 'json' }

const DECODES = 200
const ROUNDS = 9
const { gc } = globalThis as unknown as { gc: () => void }
const decodeAll = (times: number) => {
  for (let i = 0; i < times; i++) decode(vectors[i % vectors.length].code, { width: 32, height: 32 })
}
const bytesUsed = () => {
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

decodeAll(4000)
gc()
const rounds = Array.from({ length: ROUNDS }, () => {
  const before = bytesUsed()
  decodeAll(DECODES)
  return (bytesUsed() - before) / DECODES
})
console.log(median(rounds)) // the collector may run in some, the compiler in others
