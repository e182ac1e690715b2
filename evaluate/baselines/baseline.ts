import type { ImageShape } from '../../shared/manifest.ts'

/** One image through a codec and back. */
interface Coded {
  /** Everything that has to be stored for this image. */
  bytes: number
  /** The reconstruction at the original's size, 8-bit [h, w, c]. */
  samples: Uint8Array
  encodeMicroseconds: number
  decodeMicroseconds: number
}

/** One codec at one setting. */
export interface BaselineSetting {
  /** Shown in tables and plots: `q10`. */
  setting: string
  code(samples: Uint8Array): Promise<Coded>
}

/** A codec that people use, run through its own library. */
export interface Baseline {
  codec: string
  /** What readers of its figures have to know. */
  note?: string
  settings(shape: ImageShape): BaselineSetting[]
}

/** Runs encode, then decode, and times both. */
export async function timed<Code>(
  encode: () => Code | Promise<Code>,
  decode: (code: Code) => Uint8Array | Promise<Uint8Array>,
  bytesOf: (code: Code) => number,
): Promise<Coded> {
  const start = performance.now()
  const code = await encode()
  const encoded = performance.now()
  const samples = await decode(code)
  const decoded = performance.now()
  return {
    bytes: bytesOf(code),
    samples,
    encodeMicroseconds: (encoded - start) * 1000,
    decodeMicroseconds: (decoded - encoded) * 1000,
  }
}
