/** Multiply-accumulates a second of convolve.wat, and of the same instructions on registers alone: what wasm SIMD can do here. */
import wabt from 'wabt'
import { median } from '../../evaluate/median.ts'
import { Convolver, inOrder } from '../../shared/grid/networks/convolver.ts'
import { TAPS, tapWeights } from '../../shared/grid/networks/layer-shapes.ts'

const ROUNDS = 25
const SIDE = 32

/** Twelve independent sums, 8 MAC each: two values that change, times six weights, all of it in registers. */
const SUMS = Array.from({ length: 12 }, (_, i) => i)
const add = (i: number) =>
  `(local.set $s${i} (i32x4.add (local.get $s${i}) (i32x4.dot_i16x8_s (local.get $v${i % 2}) (local.get $w${i >> 1}))))`
const LIMIT = `(module (func (export "run") (param $n i32) (result i32)
  (local $v0 v128) (local $v1 v128)
  ${SUMS.map((i) => `(local $s${i} v128) (local $w${i} v128)`).join(' ')}
  ${SUMS.slice(0, 6)
    .map((i) => `(local.set $w${i} (i16x8.splat (i32.add (local.get $n) (i32.const ${i}))))`)
    .join(' ')}
  (loop $again
    (local.set $v0 (i16x8.splat (local.get $n)))
    (local.set $v1 (v128.not (local.get $v0)))
    ${SUMS.map(add).join(' ')}
    (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
  (i32x4.extract_lane 0 ${SUMS.reduce((sum, i) => (i === 0 ? '(local.get $s0)' : `(i32x4.add ${sum} (local.get $s${i}))`), '')})))`

export async function convolveGigaMacs(
  convolve: Uint8Array<ArrayBuffer>,
): Promise<{ layer: number; limit: number }> {
  const net = new Convolver(await WebAssembly.compile(convolve))
  const { outputs } = TAPS['dec.eighth']
  const weights = Int16Array.from({ length: tapWeights(TAPS['dec.eighth']) }, (_, i) => (i * 31) % 97)
  net.add('dec.eighth', { weights: inOrder(weights, outputs), bias: new Int32Array(outputs), shift: 8 })
  net.layOut('bench', {
    x: { height: SIDE, width: SIDE, channels: 128, pad: 1 },
    y: { height: 2 * SIDE, width: 2 * SIDE, channels: 40, pad: 1 },
  })
  const layer = gigaMacs(SIDE * SIDE * weights.length, () =>
    net.run({ layer: 'dec.eighth', from: 'x', to: 'y', depth: 2, relu: true }),
  )
  const { parseWat } = await wabt()
  const { buffer } = parseWat('limit', LIMIT, { simd: true }).toBinary({})
  const { instance } = await WebAssembly.instantiate(new Uint8Array(buffer))
  const count = 1_000_000
  const run = instance.exports.run as (n: number) => unknown
  const limit = gigaMacs(count * 12 * 8, () => run(count))
  return { layer, limit }
}

function gigaMacs(macs: number, work: () => void): number {
  work()
  const times = Array.from({ length: ROUNDS }, () => {
    const startedMs = performance.now()
    work()
    return performance.now() - startedMs
  })
  return macs / median(times) / 1e6
}
