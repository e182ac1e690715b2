/** Decodes the scans of a JPEG (ITU-T T.81, annexes F and G) into one plane of cells for each component. */
import { ImageError } from '../errors.ts'
import { type CellsPerSide, writeCells } from './jpeg-cells.ts'
import type { Component, Frame, JpegMarkers, ScanHeader } from './jpeg-header.ts'
import { dcBits, type HuffmanTable, needTable, ScanBits } from './jpeg-huffman.ts'
import { ProgressiveScan } from './jpeg-progressive.ts'

/** Encoders write about ten. Bounds the time of a file made of many tiny scans over a large image. */
const MAX_SCANS = 100
/** For planes and coefficients together; beyond it the image is decoded into fewer cells. */
const MAX_BYTES = 32 << 20

export interface Plane {
  component: Component
  cells: Uint8Array // [8-pixel blocks down * n, blocks across * n]
  stride: number
  /** Blocks that hold samples; whole MCUs may hold more, which the plane has room for. */
  blocksAcross: number
  blocksDown: number
  mcuBlocksAcross: number
  width: number // samples, at n = 8
  height: number
  /** Progressive: one coefficient a block where n = 1, else 64, in zigzag order. */
  coefficients: Int16Array
  seen: boolean
}

export interface Planes {
  n: CellsPerSide
  planes: Plane[]
}

/** Reads all scans. n is what the caller would like; the memory's bound may make it smaller. */
export function decodePlanes(markers: JpegMarkers, frame: Frame, wanted: CellsPerSide): Planes {
  let n = wanted
  while (n > 1 && bytesFor(frame, n) > MAX_BYTES) n = (n / 2) as CellsPerSide
  const planes = frame.components.map((component) => newPlane(frame, component, n))
  let scan = markers.nextScan()
  for (let count = 0; scan; count++) {
    if (count === MAX_SCANS) throw new ImageError(`expected a JPEG of at most ${MAX_SCANS} scans`)
    scan = markers.nextScan(decodeScan(markers, frame, planes, n, scan.header, scan.dataAt))
  }
  if (planes.some(({ seen }) => !seen)) throw new ImageError('the JPEG has no data for one of its components')
  if (frame.progressive) for (const plane of planes) coefficientsToCells(plane, markers, n)
  return { n, planes }
}

function bytesFor(frame: Frame, n: CellsPerSide): number {
  const coefficients = frame.progressive ? (n === 1 ? 1 : 64) : 0
  const blocks = frame.components.reduce((sum, component) => {
    const shape = planeShape(frame, component)
    return sum + shape.mcuBlocksAcross * shape.mcuBlocksDown
  }, 0)
  return blocks * (n * n + 2 * coefficients)
}

function planeShape(frame: Frame, { across, down }: Component) {
  const width = Math.ceil((frame.width * across) / frame.maxAcross)
  const height = Math.ceil((frame.height * down) / frame.maxDown)
  const mcuBlocksAcross = Math.ceil(frame.width / (8 * frame.maxAcross)) * across
  const mcuBlocksDown = Math.ceil(frame.height / (8 * frame.maxDown)) * down
  return { width, height, mcuBlocksAcross, mcuBlocksDown }
}

function newPlane(frame: Frame, component: Component, n: CellsPerSide): Plane {
  const { width, height, mcuBlocksAcross, mcuBlocksDown } = planeShape(frame, component)
  const blocks = mcuBlocksAcross * mcuBlocksDown
  return {
    component,
    cells: new Uint8Array(blocks * n * n),
    stride: mcuBlocksAcross * n,
    blocksAcross: Math.ceil(width / 8),
    blocksDown: Math.ceil(height / 8),
    mcuBlocksAcross,
    width,
    height,
    coefficients: new Int16Array(frame.progressive ? blocks * (n === 1 ? 1 : 64) : 0),
    seen: false,
  }
}

/** Returns where the scan's data ends. */
function decodeScan(
  markers: JpegMarkers,
  frame: Frame,
  planes: Plane[],
  n: CellsPerSide,
  header: ScanHeader,
  dataAt: number,
): number {
  const ac = header.spectralStart > 0
  if (frame.progressive && ac && n === 1) return dataAt // only DC is wanted: pass the scan by
  const bits = new ScanBits(markers.jpeg, dataAt)
  const scan = frame.progressive
    ? new ProgressiveScan(bits, header, markers, n)
    : new BaselineScan(bits, header, markers, n)
  for (const { index } of header.components) {
    const plane = planes[index]!
    if (plane.seen && !frame.progressive) throw new ImageError('the JPEG codes a component twice')
    if (!plane.seen && ac) throw new ImageError("a JPEG component's details come before its DC scan")
    plane.seen = true
  }
  walkBlocks(frame, planes, header, markers.restartInterval, bits, scan)
  bits.checkEnd()
  return bits.at
}

interface BlockDecoder {
  decode(plane: Plane, part: number, blockX: number, blockY: number): void
  restart(): void
}

function walkBlocks(
  frame: Frame,
  planes: Plane[],
  header: ScanHeader,
  restartInterval: number,
  bits: ScanBits,
  decoder: BlockDecoder,
): void {
  const parts = header.components.map(({ index }) => planes[index]!)
  const alone = parts.length === 1
  const mcusAcross = alone ? parts[0]!.blocksAcross : Math.ceil(frame.width / (8 * frame.maxAcross))
  const mcusDown = alone ? parts[0]!.blocksDown : Math.ceil(frame.height / (8 * frame.maxDown))
  let untilRestart = restartInterval
  for (let my = 0; my < mcusDown; my++) {
    for (let mx = 0; mx < mcusAcross; mx++) {
      if (restartInterval > 0 && untilRestart-- === 0) {
        bits.restart()
        decoder.restart()
        untilRestart = restartInterval - 1
      }
      for (let part = 0; part < parts.length; part++) {
        const plane = parts[part]!
        const across = alone ? 1 : plane.component.across
        const down = alone ? 1 : plane.component.down
        for (let y = 0; y < down; y++) {
          for (let x = 0; x < across; x++) decoder.decode(plane, part, mx * across + x, my * down + y)
        }
      }
      bits.checkEnd()
    }
  }
}

/** Blocks of a sequential scan, straight into the plane. */
class BaselineScan implements BlockDecoder {
  private readonly block = new Int32Array(64) // zigzag order
  private readonly predictions: number[]
  private readonly dc: HuffmanTable[]
  private readonly ac: HuffmanTable[]
  private readonly bits: ScanBits
  private readonly markers: JpegMarkers
  private readonly n: CellsPerSide

  constructor(bits: ScanBits, header: ScanHeader, markers: JpegMarkers, n: CellsPerSide) {
    this.bits = bits
    this.markers = markers
    this.n = n
    this.predictions = header.components.map(() => 0)
    this.dc = header.components.map(({ dc }) => needTable(markers.dc[dc]))
    this.ac = header.components.map(({ ac }) => needTable(markers.ac[ac]))
  }

  restart(): void {
    this.predictions.fill(0)
  }

  decode(plane: Plane, part: number, blockX: number, blockY: number): void {
    const { bits, block, n } = this
    const quantization = quantizationOf(plane, this.markers)
    const difference = bits.signed(dcBits(bits.symbol(this.dc[part]!)))
    block[0] = this.predictions[part]! += difference
    const last = this.decodeAc(this.ac[part]!)
    const at = blockY * n * plane.stride + blockX * n
    writeCells(block, 0, n === 1 ? 0 : last, quantization, n, plane.cells, at, plane.stride)
    block.fill(0, 0, last + 1)
  }

  /** Returns the zigzag index of the last coefficient that is not zero. */
  private decodeAc(table: HuffmanTable): number {
    const { bits, block } = this
    let last = 0
    for (let k = 1; k < 64; k++) {
      const symbol = bits.symbol(table)
      const size = symbol & 15
      if (size === 0) {
        if (symbol !== 0xf0) break // end of block
        k += 15
        continue
      }
      k += symbol >> 4
      if (k > 63)
        throw new ImageError("the JPEG's scan data is damaged: a block has more than 64 coefficients")
      block[k] = bits.signed(size)
      last = k
    }
    return last
  }
}

function quantizationOf({ component }: Plane, markers: JpegMarkers): Uint16Array {
  const table = markers.quantization[component.quantization]
  if (!table) throw new ImageError('the JPEG lacks a quantization table')
  return table
}

function coefficientsToCells(plane: Plane, markers: JpegMarkers, n: CellsPerSide): void {
  const quantization = quantizationOf(plane, markers)
  const { coefficients, cells, stride, mcuBlocksAcross } = plane
  const size = n === 1 ? 1 : 64
  for (let block = 0, from = 0; from < coefficients.length; block++, from += size) {
    let last = size - 1
    while (last > 0 && coefficients[from + last] === 0) last--
    const at = Math.floor(block / mcuBlocksAcross) * n * stride + (block % mcuBlocksAcross) * n
    writeCells(coefficients, from, last, quantization, n, cells, at, stride)
  }
}
