/**
 * jpeg-scan.wat with its memory: reads a sequential scan into the cells of its blocks, and averages them. It takes
 * half the CPU of the same in TypeScript, and for a program's first images a fifth: those are read before the compiler has
 * seen what is worth compiling well.
 */

import { growTo } from '../../../wasm-memory.ts'
import type { Columns, Size } from '../../resize.ts'
import type { CellsPerSide } from '../cells/jpeg-cells.ts'
import type { Frame, ScanHeader } from '../jpeg-frame.ts'
import type { HuffmanTable } from '../jpeg-huffman-tables.ts'
import { skipTable, valueTable } from '../jpeg-huffman-tables.ts'
import type { Plane } from '../jpeg-plane.ts'
import { writeWeights } from './cell-weights.ts'

/** Of the memory, in bytes: see jpeg-scan.wat. */
const SUMS_AT = 1088
const SUMS_BYTES = 256
const PARTS_AT = 1344
const PART_BYTES = 64
const TABLES_AT = 4096
const TABLE_BYTES = 4608
const SKIPS_AT = TABLES_AT + 8 * TABLE_BYTES
const SKIPS_BYTES = 8192
const QUANTIZATIONS_AT = SKIPS_AT + 4 * SKIPS_BYTES
const FILE_AT = QUANTIZATIONS_AT + 4 * 512
/** Longer files are left to jpeg-baseline.ts. */
const MAX_FILE_BYTES = 32 << 20
/** So are planes of more cells, since the memory never shrinks and they are copied from it. */
const MAX_CELLS = 12 << 20
/** After the file's end, like a marker, so that reads by words stop there. */
const END = new Uint8Array(16).fill(0xff)
/** Of a progressive image's component: they are copied there and back for each scan. */
const MAX_COEFFICIENT_BYTES = 8 << 20
const COLUMN_BYTES = 32
/** Of a model's input or the picture of a long code: 8 bytes of memory each. */
const MAX_MEANS = 2 ** 19

export interface KernelPart {
  plane: Plane
  dc: HuffmanTable
  ac: HuffmanTable
}

interface Instance {
  memory: WebAssembly.Memory
  scan: (at: number, parts: number, across: number, down: number, interval: number, n: number) => number
  /** Eleven, seven and eleven numbers: see jpeg-scan.wat. */
  progressive: (...args: number[]) => number
  blocks: (...args: number[]) => void
  average: (...args: number[]) => void
}

let compile: (() => WebAssembly.Module) | undefined
let maxFileBytes = MAX_FILE_BYTES
let instance: Instance | undefined

/** Without it, all scans are read by jpeg-baseline.ts. mostBytes: of a file, since the memory never shrinks. */
export function provideJpegScan(
  wasm: (() => WebAssembly.Module) | undefined,
  mostBytes: number = MAX_FILE_BYTES,
): void {
  compile = wasm
  maxFileBytes = mostBytes
}

/** Returns the position after the scan's data, or undefined if it is not for this kernel or is damaged. */
export function scanByKernel(
  jpeg: Uint8Array,
  dataAt: number,
  parts: KernelPart[],
  mcus: { across: number; down: number; interval: number },
  n: CellsPerSide,
): number | undefined {
  const length = jpeg.length - dataAt
  const cells = parts.reduce((sum, { plane }) => sum + plane.cells.length, 0)
  if (!compile || length > maxFileBytes || cells > MAX_CELLS) return undefined
  if (parts.some(({ dc }) => dc.symbols.some((symbol) => symbol > 15))) return undefined
  instance ??= instantiate(compile())
  const { memory, scan } = instance
  const cellsAt = FILE_AT + length + END.length
  growTo(memory, cellsAt + cells)
  const bytes = new Uint8Array(memory.buffer)
  bytes.set(jpeg.subarray(dataAt), FILE_AT)
  bytes.set(END, FILE_AT + length)
  bytes.fill(0, SUMS_AT, SUMS_AT + SUMS_BYTES) // a damaged scan leaves some
  writeWeights(memory.buffer, n)
  const places = writeParts(memory.buffer, parts, cellsAt, n)
  const end = scan(FILE_AT, parts.length, mcus.across, mcus.down, mcus.interval, n)
  if (end < 0) return undefined
  for (const [i, { plane }] of parts.entries())
    plane.cells.set(bytes.subarray(places[i], places[i] + plane.cells.length))
  return dataAt + Math.min(end - FILE_AT, length)
}

const instantiate = (module: WebAssembly.Module) =>
  new WebAssembly.Instance(module).exports as unknown as Instance

/** Returns where each part's cells are. */
function writeParts(memory: ArrayBuffer, parts: KernelPart[], cellsAt: number, n: CellsPerSide): number[] {
  let at = cellsAt
  return parts.map(({ plane, dc, ac }, i) => {
    const tables = [TABLES_AT + 2 * i * TABLE_BYTES, TABLES_AT + (2 * i + 1) * TABLE_BYTES]
    writeTable(memory, tables[0], dc)
    writeTable(memory, tables[1], ac)
    const skips = n === 1 ? SKIPS_AT + i * SKIPS_BYTES : 0
    if (n === 1) {
      ac.skips ??= skipTable(ac)
      new Uint16Array(memory, skips).set(ac.skips)
    }
    const quantization = QUANTIZATIONS_AT + i * 512
    new Float64Array(memory, quantization, 64).set(plane.quantization)
    const { across, down } = parts.length === 1 ? { across: 1, down: 1 } : plane.component
    const words = [...tables, skips, across, down, at, plane.stride, quantization, 0]
    new Int32Array(memory, PARTS_AT + i * PART_BYTES).set(words)
    at += plane.cells.length
    return at - plane.cells.length
  })
}

function writeTable(memory: ArrayBuffer, at: number, table: HuffmanTable): void {
  table.values ??= valueTable(table)
  new Int32Array(memory, at).set(table.values)
  writeCodes(memory, at, table)
}

/** For codes that are too long to be looked up. */
function writeCodes(memory: ArrayBuffer, at: number, { limit, offset, symbols }: HuffmanTable): void {
  new Int32Array(memory, at + 4096).set(limit)
  new Int32Array(memory, at + 4168).set(offset)
  new Uint8Array(memory, at + 4240).set(symbols)
}

/** A progressive scan of AC coefficients, without restart intervals. Returns the same; then the plane is as it was. */
export function progressiveByKernel(
  jpeg: Uint8Array,
  dataAt: number,
  { coefficients, lastNonzero, blocksAcross, blocksDown, mcuBlocksAcross }: Plane,
  ac: HuffmanTable,
  { spectralStart, spectralEnd, low, high }: ScanHeader,
): number | undefined {
  const length = scanEnd(jpeg, dataAt) - dataAt
  // A scan of little data takes less time than copying all coefficients.
  if (!compile || coefficients.byteLength > MAX_COEFFICIENT_BYTES || length < lastNonzero.length)
    return undefined
  instance ??= instantiate(compile())
  const { memory, progressive } = instance
  const coefficientsAt = FILE_AT + length + END.length + (length & 1)
  const lastsAt = coefficientsAt + coefficients.byteLength
  growTo(memory, lastsAt + lastNonzero.length)
  const [shorts, bytes] = [new Int16Array(memory.buffer), new Uint8Array(memory.buffer)]
  bytes.set(jpeg.subarray(dataAt, dataAt + length), FILE_AT)
  bytes.set(END, FILE_AT + length)
  writeCodes(memory.buffer, TABLES_AT, ac)
  new Uint16Array(memory.buffer, TABLES_AT).set(ac.look)
  shorts.set(coefficients, coefficientsAt / 2)
  bytes.set(lastNonzero, lastsAt)
  const places = [FILE_AT, TABLES_AT, coefficientsAt, lastsAt]
  const blocks = [blocksAcross, blocksDown, mcuBlocksAcross]
  const end = progressive(...places, ...blocks, spectralStart, spectralEnd, low, high)
  if (end < 0) return undefined
  coefficients.set(shorts.subarray(coefficientsAt / 2, lastsAt / 2))
  lastNonzero.set(bytes.subarray(lastsAt, lastsAt + lastNonzero.length))
  return dataAt + Math.min(end - FILE_AT, length)
}

/** Where the next marker is that does not belong to the scan's data. */
function scanEnd(jpeg: Uint8Array, from: number): number {
  for (let at = jpeg.indexOf(0xff, from); at >= 0; at = jpeg.indexOf(0xff, at + 2))
    if (jpeg[at + 1] !== 0 && (jpeg[at + 1] & 0xf8) !== 0xd0) return at
  return jpeg.length
}

/**
 * Writes the cells of blocks whose coefficients are known, as writeCells() does, to the bit. A row of blocks at a time, so
 * that it takes little memory. Returns false without a kernel.
 */
export function cellsByKernel(plane: Plane, n: 2 | 4 | 8): boolean {
  const { coefficients, lastNonzero, cells, mcuBlocksAcross: count, stride } = plane
  if (!compile) return false
  instance ??= instantiate(compile())
  const { memory, blocks } = instance
  const lastsAt = FILE_AT + 128 * count
  const cellsAt = lastsAt + count
  growTo(memory, cellsAt + stride * n)
  writeWeights(memory.buffer, n)
  new Float64Array(memory.buffer, QUANTIZATIONS_AT, 64).set(plane.quantization)
  const [shorts, bytes] = [new Int16Array(memory.buffer), new Uint8Array(memory.buffer)]
  bytes.fill(0, SUMS_AT, SUMS_AT + SUMS_BYTES)
  for (let first = 0; first < lastNonzero.length; first += count) {
    shorts.set(coefficients.subarray(64 * first, 64 * (first + count)), FILE_AT / 2)
    bytes.set(lastNonzero.subarray(first, first + count), lastsAt)
    blocks(FILE_AT, lastsAt, count, n, QUANTIZATIONS_AT, cellsAt, stride)
    cells.set(bytes.subarray(cellsAt, cellsAt + stride * n), first * n * n)
  }
  return true
}

/**
 * What AreaAverage makes of a plane: addRow() for each of its rows of cells, then means(), to the bit. Undefined without
 * a kernel, or for a target larger than any model's. cellHeight: in pixels of the image.
 */
export function averageByKernel(
  { cells, stride }: Plane,
  columns: Columns,
  cellHeight: number,
  image: Size,
  { width, height }: Size,
): Float64Array | undefined {
  if (!compile || width * height > MAX_MEANS) return undefined
  instance ??= instantiate(compile())
  const { memory, average } = instance
  const rowAt = FILE_AT + width * COLUMN_BYTES
  const sumsAt = rowAt + width * 8
  const cellsAt = sumsAt + width * height * 8
  growTo(memory, cellsAt + cells.length)
  writeColumns(memory.buffer, columns)
  const sums = new Float64Array(memory.buffer, sumsAt, width * height).fill(0)
  new Uint8Array(memory.buffer).set(cells, cellsAt)
  const rows = Math.ceil(image.height / cellHeight)
  const area = image.width * image.height
  const sizes = [FILE_AT, width, height, rowAt, sumsAt, area]
  average(cellsAt, stride, rows, cellHeight, image.height, ...sizes)
  return sums.slice()
}

function writeColumns(memory: ArrayBuffer, columns: Columns): void {
  const cells = new Int32Array(memory, FILE_AT)
  const overlaps = new Float64Array(memory, FILE_AT)
  for (let i = 0; i < columns.first.length; i++) {
    cells[8 * i] = columns.first[i]
    cells[8 * i + 1] = columns.last[i]
    overlaps[4 * i + 1] = columns.firstOverlap[i]
    overlaps[4 * i + 2] = columns.lastOverlap[i]
    overlaps[4 * i + 3] = columns.cellOverlap
  }
}

/** How many MCUs a scan has: of one component, its own blocks that hold samples. */
export function mcusOf(frame: Frame, planes: Plane[]): { across: number; down: number } {
  const [only] = planes.length === 1 ? planes : []
  if (only) return { across: only.blocksAcross, down: only.blocksDown }
  return {
    across: Math.ceil(frame.width / (8 * frame.maxAcross)),
    down: Math.ceil(frame.height / (8 * frame.maxDown)),
  }
}
