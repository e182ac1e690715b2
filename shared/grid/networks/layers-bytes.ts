/**
 * Layers as bytes that are copied to where they are used, little-endian: for each 32 bits shift, its biases of 32 bits, and its
 * weights of 16 bits in the order of convolve.wat.
 */
import type { IntegerLayer } from './kernels/integer-layer.ts'
import { type LayerName, TAPS, tapWeights } from './layer-shapes.ts'

const bytesOf = (names: readonly LayerName[]) =>
  names.reduce((sum, name) => sum + 4 + 4 * TAPS[name].outputs + 2 * tapWeights(TAPS[name]), 0)

export function packLayers<T extends LayerName>(
  names: readonly T[],
  layers: Record<T, IntegerLayer>,
): Uint8Array {
  const bytes = new Uint8Array(bytesOf(names))
  let at = 0
  const put = (values: Int32Array | Int16Array) => {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at)
    at += values.byteLength
  }
  for (const name of names) {
    put(Int32Array.of(layers[name].shift))
    put(layers[name].bias)
    put(layers[name].weights)
  }
  return bytes
}

/** Throws RangeError if there are more bytes or fewer. */
export function unpackLayers<T extends LayerName>(
  names: readonly T[],
  bytes: Uint8Array,
): Record<T, IntegerLayer> {
  const expected = bytesOf(names)
  if (bytes.length !== expected) throw new RangeError(`expected ${expected} bytes, got ${bytes.length}`)
  let at = 0
  const take = (length: number) => {
    at += length
    return bytes.slice(at - length, at).buffer
  }
  const layers: Partial<Record<T, IntegerLayer>> = {}
  for (const name of names) {
    const [shift] = new Int32Array(take(4))
    const bias = new Int32Array(take(4 * TAPS[name].outputs))
    layers[name] = { shift, bias, weights: new Int16Array(take(2 * tapWeights(TAPS[name]))) }
  }
  return layers as Record<T, IntegerLayer>
}
