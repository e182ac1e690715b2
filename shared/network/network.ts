/** An encoder or a decoder that is ready to run. */
export interface Network {
  /** Floats per image. */
  readonly inputSize: number
  readonly outputSize: number
  /** Multiplications and additions per image. */
  readonly macs: number
  /** [batch, inputSize] in wasm memory, to be filled before run(batch); valid until the next call. */
  input(batch: number): Float32Array
  /** [batch, outputSize] in wasm memory, valid until the next call. */
  run(batch: number): Float32Array
  /** Like run(), with images of 8-bit samples [inputSize] as the input, brought to [0, 1]. */
  runOnSamples(images: readonly Uint8Array[]): Float32Array
  /** run(), its output on [0, 1] rounded to 8-bit samples [batch, outputSize]: a copy. */
  runToSamples(batch: number): Uint8Array
  /** Gives the memory back; the network must not be used after it. */
  dispose(): void
}
