/**
 * The limit that the kernels are compared with: dense layers written for SIMD by hand. Weights are in panels of 4 *
 * vectors outputs, so that one pass reads them in order; `rows` images share each loaded weight.
 */
import wabt from 'wabt'

export interface DenseLayer {
  kernel: Float32Array // [inputs, outputs]
  bias: Float32Array // [outputs]
  inputs: number
  outputs: number
  relu: boolean
}

interface HandwrittenNetwork {
  input: Float32Array // [batch, inputs]
  output: Float32Array // [batch, outputs]
  run(): void
}

const lines = (n: number, line: (i: number) => string) =>
  Array.from({ length: n }, (_, i) => line(i)).join('\n')

/** y[row] = max(bias + x[row] * w, floor) for `batch` rows (a multiple of `rows`), panel after panel. */
function denseWat(rows: number, vectors: number): string {
  const cells = (line: (r: number, v: number) => string) =>
    lines(rows, (r) => lines(vectors, (v) => line(r, v)))
  const panelBytes = 16 * vectors
  return `
(func (export "dense${rows}x${vectors}") (param $x i32) (param $w i32) (param $b i32) (param $y i32)
  (param $xBytes i32) (param $yBytes i32) (param $batch i32) (param $floor f32)
  (local $column i32) (local $panel i32) (local $end i32) (local $value v128) (local $low v128)
  ${lines(vectors, (v) => `(local $w${v} v128)`)}
  ${lines(rows, (r) => `(local $x${r} i32) (local $y${r} i32)`)}
  ${cells((r, v) => `(local $sum${r}_${v} v128)`)}
  (local.set $low (f32x4.splat (local.get $floor)))
  (loop $blocks
    (local.set $column (i32.const 0))
    (local.set $panel (local.get $w))
    ${lines(rows, (r) => `(local.set $y${r} (i32.add (local.get $y) (i32.mul (local.get $yBytes) (i32.const ${r}))))`)}
    (loop $panels
      ${cells((r, v) => `(local.set $sum${r}_${v} (v128.load offset=${16 * v} (i32.add (local.get $b) (local.get $column))))`)}
      ${lines(rows, (r) => `(local.set $x${r} (i32.add (local.get $x) (i32.mul (local.get $xBytes) (i32.const ${r}))))`)}
      (local.set $end (i32.add (local.get $x) (local.get $xBytes)))
      (loop $inputs
        ${lines(vectors, (v) => `(local.set $w${v} (v128.load offset=${16 * v} (local.get $panel)))`)}
        ${lines(
          rows,
          (r) => `(local.set $value (v128.load32_splat (local.get $x${r})))
        ${lines(vectors, (v) => `(local.set $sum${r}_${v} (f32x4.add (local.get $sum${r}_${v}) (f32x4.mul (local.get $value) (local.get $w${v}))))`)}
        (local.set $x${r} (i32.add (local.get $x${r}) (i32.const 4)))`,
        )}
        (local.set $panel (i32.add (local.get $panel) (i32.const ${panelBytes})))
        (br_if $inputs (i32.lt_u (local.get $x0) (local.get $end))))
      ${cells((r, v) => `(v128.store offset=${16 * v} (local.get $y${r}) (f32x4.pmax (local.get $low) (local.get $sum${r}_${v})))`)}
      ${lines(rows, (r) => `(local.set $y${r} (i32.add (local.get $y${r}) (i32.const ${panelBytes})))`)}
      (local.set $column (i32.add (local.get $column) (i32.const ${panelBytes})))
      (br_if $panels (i32.lt_u (local.get $column) (local.get $yBytes))))
    (local.set $x (i32.add (local.get $x) (i32.mul (local.get $xBytes) (i32.const ${rows}))))
    (local.set $y (i32.add (local.get $y) (i32.mul (local.get $yBytes) (i32.const ${rows}))))
    (local.set $batch (i32.sub (local.get $batch) (i32.const ${rows})))
    (br_if $blocks (i32.gt_s (local.get $batch) (i32.const 0)))))`
}

type Dense = (
  ...args: [
    x: number,
    w: number,
    b: number,
    y: number,
    xBytes: number,
    yBytes: number,
    batch: number,
    floor: number,
  ]
) => void

/** The most accumulators that 16 registers hold beside a weight and an input: 8, for one image or for four. */
function tileFor(batch: number, outputs: number): { rows: number; vectors: number } {
  const rows = batch % 4 === 0 ? 4 : 1
  const vectors = (rows === 4 ? [2, 1] : [8, 7, 4, 2, 1]).find((v) => outputs % (4 * v) === 0)
  if (vectors === undefined) throw new Error(`${outputs} outputs are not a multiple of 4`)
  return { rows, vectors }
}

async function assemble(tiles: { rows: number; vectors: number }[]): Promise<WebAssembly.Module> {
  const functions = new Set(tiles.map(({ rows, vectors }) => denseWat(rows, vectors)))
  const { parseWat } = await wabt()
  const wat = `(module (memory (import "env" "memory") 1) ${[...functions].join('')})`
  return new WebAssembly.Module(
    parseWat('dense.wat', wat, { simd: true }).toBinary({}).buffer as Uint8Array<ArrayBuffer>,
  )
}

/** [inputs, outputs] -> panels [outputs / columns][inputs][columns] */
function toPanels({ kernel, inputs, outputs }: DenseLayer, columns: number): Float32Array {
  const panels = new Float32Array(kernel.length)
  let at = 0
  for (let first = 0; first < outputs; first += columns)
    for (let k = 0; k < inputs; k++)
      for (let c = 0; c < columns; c++) panels[at++] = kernel[k * outputs + first + c]
  return panels
}

export async function handwrittenNetwork(layers: DenseLayer[], batch: number): Promise<HandwrittenNetwork> {
  const tiles = layers.map((layer) => tileFor(batch, layer.outputs))
  const floats = layers.reduce(
    (sum, l) => sum + l.kernel.length + l.bias.length + batch * l.outputs,
    batch * layers[0].inputs,
  )
  const memory = new WebAssembly.Memory({ initial: Math.ceil((floats * 4 + 64 * layers.length * 4) / 65536) })
  const { exports } = new WebAssembly.Instance(await assemble(tiles), { env: { memory } })
  let top = 0
  const place = (length: number, values?: Float32Array) => {
    const view = new Float32Array(memory.buffer, top, length)
    if (values) view.set(values)
    top += Math.ceil((4 * length) / 64) * 64 // cache lines
    return view
  }
  const input = place(batch * layers[0].inputs)
  let x = input
  const calls = layers.map((layer, i) => {
    const { rows, vectors } = tiles[i]
    const [w, b] = [
      place(layer.kernel.length, toPanels(layer, 4 * vectors)),
      place(layer.outputs, layer.bias),
    ]
    const y = place(batch * layer.outputs)
    const dense = exports[`dense${rows}x${vectors}`] as Dense
    const args: Parameters<Dense> = [
      x.byteOffset,
      w.byteOffset,
      b.byteOffset,
      y.byteOffset,
      4 * layer.inputs,
      4 * layer.outputs,
      batch,
      layer.relu ? 0 : Number.NEGATIVE_INFINITY,
    ]
    x = y
    return () => dense(...args)
  })
  const run = () => {
    for (const call of calls) call()
  }
  return { input, output: x, run }
}
