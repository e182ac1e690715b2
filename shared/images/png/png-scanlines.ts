/** Cuts a PNG's inflated bytes, which come in pieces of any size, into scanlines, and undoes their filters. */
import type { PngHeader } from './png-chunks.ts'
import { unfilter } from './unfilter.ts'

/** A pass is an image of its own that is spread over the whole: either all of it, or one of Adam7's seven. */
export interface Pass {
  x: number
  y: number
  stepX: number
  stepY: number
  width: number
  height: number
}

export const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const

export function passesOf({ width, height, interlaced }: PngHeader): Pass[] {
  if (!interlaced) return [{ x: 0, y: 0, stepX: 1, stepY: 1, width, height }]
  const passes = ADAM7.map(([x, y, stepX, stepY]) => ({
    x,
    y,
    stepX,
    stepY,
    width: Math.ceil((width - x) / stepX),
    height: Math.ceil((height - y) / stepY),
  }))
  return passes.filter((pass) => pass.width > 0 && pass.height > 0)
}

/** Those that have rows of even number. Adam7's last has all others, and half of the pixels. */
export function withEvenRows(passes: Pass[]): Pass[] {
  return passes.filter(({ y, stepY }) => y % 2 === 0 || stepY % 2 === 1)
}

function lineBytes(pass: Pass, pixelBits: number): number {
  return Math.ceil((pass.width * pixelBits) / 8)
}

/** Exactly how many bytes the compressed data must inflate to: a filter byte comes before each line. */
export function inflatedBytes(passes: Pass[], pixelBits: number): number {
  return passes.reduce((sum, pass) => sum + pass.height * (1 + lineBytes(pass, pixelBits)), 0)
}

export type TakeLine = (line: Uint8Array, pass: Pass, row: number) => void

export class Scanlines {
  private passes: Pass[] // the one that is being filled and those to come
  private row = 0
  private filled = 0
  private line = new Uint8Array(0) // the filter byte, then the line
  private previous = new Uint8Array(0)
  private readonly pixelBits: number
  private readonly take: TakeLine

  constructor(passes: Pass[], pixelBits: number, take: TakeLine) {
    this.passes = passes
    this.pixelBits = pixelBits
    this.take = take
    this.beginPass()
  }

  get complete(): boolean {
    return this.passes.length === 0
  }

  /** What comes after the last line is ignored. */
  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length && !this.complete; ) {
      const take = Math.min(bytes.length - at, this.line.length - this.filled)
      this.line.set(bytes.subarray(at, at + take), this.filled)
      this.filled += take
      at += take
      if (this.filled === this.line.length) this.endLine()
    }
  }

  private endLine(): void {
    const [pass] = this.passes
    if (!pass) return
    unfilter(this.line, this.previous, Math.max(1, this.pixelBits >> 3))
    this.take(this.line.subarray(1), pass, this.row)
    const spent = this.previous
    this.previous = this.line
    this.line = spent
    this.filled = 0
    if (++this.row < pass.height) return
    this.passes = this.passes.slice(1)
    this.beginPass()
  }

  private beginPass(): void {
    const [pass] = this.passes
    if (!pass) return
    const bytes = 1 + lineBytes(pass, this.pixelBits)
    this.line = new Uint8Array(bytes)
    this.previous = new Uint8Array(bytes) // zeros above the first line
    this.row = 0
  }
}
