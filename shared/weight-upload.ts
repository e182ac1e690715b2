/**
 * Takes weights.bin in pieces of any size, as they come from a file or a network, and puts each value in its place in
 * wasm memory: no copy of the whole is ever made. Touching fresh memory is most of what loading a model costs.
 */
import type { Kernels, Pointer } from './kernels.ts'
import { LayersFormatError } from './layer-graph.ts'
import { bytesPerValue, product, scaleOf, toFloats } from './layer-weights.ts'
import type { WeightSpec } from './manifest.ts'
import { LINE, LINE_BYTES, type ResidentWeights } from './resident-weights.ts'

const STAGED_BYTES = 65_536 + LINE_BYTES
const SLACK_BYTES = 64 // the last line of a weight may be read past its end

export class WeightUpload {
  readonly #kernels: Kernels
  readonly #specs: WeightSpec[]
  readonly #weights: ResidentWeights
  #stage: Pointer
  #staged = 0 // bytes
  #current = 0 // of the specs
  #done = 0 // values of the current one
  #received = 0

  constructor(kernels: Kernels, specs: WeightSpec[], weights: ResidentWeights) {
    this.#kernels = kernels
    this.#specs = specs
    this.#weights = weights
    this.#stage = kernels.allocate(STAGED_BYTES + SLACK_BYTES)
  }

  write(piece: Uint8Array): void {
    this.#received += piece.length
    for (let at = 0; at < piece.length; ) {
      const part = piece.subarray(at, at + STAGED_BYTES - this.#staged)
      new Uint8Array(this.#kernels.buffer, this.#stage + this.#staged).set(part)
      this.#staged += part.length
      at += part.length
      this.#placeStaged()
    }
  }

  /** Throws unless the bytes were exactly those that the specs list. */
  finish(): void {
    this.dispose()
    const bytes = this.#specs.reduce((sum, spec) => sum + product(spec.shape) * bytesPerValue(spec), 0)
    if (this.#received !== bytes)
      throw new LayersFormatError(`weights.bin has ${this.#received} bytes, its manifest lists ${bytes}`)
  }

  dispose(): void {
    if (this.#stage !== 0) this.#kernels.free(this.#stage)
    this.#stage = 0
  }

  #placeStaged(): void {
    let from = 0
    for (let spec = this.#specs[this.#current]; spec !== undefined; spec = this.#specs[this.#current]) {
      const width = bytesPerValue(spec)
      const missing = product(spec.shape) - this.#done
      const here = Math.floor((this.#staged - from) / width)
      const values = here < missing ? here - (here % LINE) : missing
      if (values > 0) this.#place(spec, this.#stage + from, values)
      from += values * width
      this.#done += values
      if (values < missing) break
      this.#current++
      this.#done = 0
    }
    if (this.#current === this.#specs.length) from = this.#staged // too much: finish() will tell
    new Uint8Array(this.#kernels.buffer, this.#stage).copyWithin(0, from, this.#staged)
    this.#staged -= from
  }

  /** `values` is a multiple of LINE, or all that is left of the weight. */
  #place(spec: WeightSpec, staged: Pointer, values: number): void {
    const { pointer, panels, panelBytes } = this.#weights.placement(spec.name)
    const lines = this.#done / LINE
    const row = pointer + Math.floor(lines / panels) * LINE_BYTES
    const rowBytes = panels * panelBytes
    let to = row + (lines % panels) * panelBytes
    if (spec.quantization?.dtype === 'uint16' && this.#kernels.hasDense) {
      const { scale, min } = scaleOf(spec)
      const bounds = [row + rowBytes, panelBytes, rowBytes]
      this.#kernels.call.dequantize(staged, staged + 2 * values, scale, min, to, ...bounds)
      return
    }
    const bytes = new Uint8Array(this.#kernels.buffer, staged, values * bytesPerValue(spec))
    const floats = toFloats(spec, bytes.slice().buffer) // aligned
    for (let at = 0, rowEnd = row + rowBytes; at < values; at += LINE) {
      const line = floats.subarray(at, at + LINE)
      this.#kernels.floats(to, line.length).set(line)
      to += panelBytes
      if (to !== rowEnd) continue
      to += LINE_BYTES - rowBytes
      rowEnd += LINE_BYTES
    }
  }
}
