/** Decodes the scans of a JPEG (ITU-T T.81, annexes F and G) into one plane of cells for each component. */
import { ImageError } from '../errors.ts'
import type { WorkBudget } from '../limits.ts'
import { type CellsPerSide, writeCells } from './cells/jpeg-cells.ts'
import { BaselineScan } from './jpeg-baseline.ts'
import { ScanBits } from './jpeg-bits.ts'
import type { Component, Frame } from './jpeg-frame.ts'
import { type JpegMarkers, type Scan, TruncatedJpegError } from './jpeg-markers.ts'
import type { Plane, Planes } from './jpeg-plane.ts'
import { ProgressiveScan } from './jpeg-progressive.ts'
import { ScanHistory } from './jpeg-scan-history.ts'
import { cellsByKernel, mcusOf, progressiveByKernel, scanByKernel } from './kernel/jpeg-scan.ts'

/** Encoders write about ten. */
const MAX_SCANS = 100
/** For planes and coefficients together; an image that would take more is decoded into fewer cells. */
const MAX_BYTES = 32 << 20
/**
 * So is an image that would take more work than this. Neither bound depends on the request's budget, so a file gives
 * the same pixels everywhere.
 */
const MAX_WORK = 48e6
/** Units of decoding work (limits.ts) for a block in a scan. */
const BLOCK_WORK = 2
/** Per byte of the file, and per block by the number of its cells: the more cells, the more coefficients are needed. */
const BYTE_WORK: Record<CellsPerSide, number> = { 1: 2.5, 2: 4, 4: 7, 8: 11 }
/** More for a byte of a progressive file, unless only DC is read: its scans come back to each block. */
const PROGRESSIVE_BYTE_WORK = 6
const CELLS_WORK: Record<CellsPerSide, number> = { 1: 1, 2: 20, 4: 50, 8: 120 }

/**
 * Reads all scans. n: as many cells as the caller would like; the bounds may lower it. cellWork: what the caller then
 * does with so many cells.
 */
export function decodePlanes(
  markers: JpegMarkers,
  wanted: CellsPerSide,
  cellWork: (cells: number) => number,
  work: WorkBudget,
): Planes {
  const { frame, jpeg } = markers
  const workFor = (n: CellsPerSide): number => {
    const cells = (frame.width * frame.height * n * n) / 64
    const byteWork = BYTE_WORK[n] + (frame.progressive && n > 1 ? PROGRESSIVE_BYTE_WORK : 0)
    return jpeg.length * byteWork + blocksOf(frame) * CELLS_WORK[n] + cellWork(cells)
  }
  let n = wanted
  while (n > 1 && (bytesFor(frame, n) > MAX_BYTES || workFor(n) > MAX_WORK)) n = (n / 2) as CellsPerSide
  work.spend(workFor(n), 'the JPEG')
  const planes = frame.components.map((component) => newPlane(frame, component, n))
  readScans(markers, planes, n, work)
  if (planes.some(({ seen }) => !seen)) throw new ImageError('the JPEG has no data for one of its components')
  if (frame.progressive) for (const plane of planes) coefficientsToCells(plane, n)
  return { n, planes }
}

/** A baseline image ends with its last component. Anything may follow, and the end marker may be missing. */
function readScans(markers: JpegMarkers, planes: Plane[], n: CellsPerSide, work: WorkBudget): void {
  const { progressive } = markers.frame
  const isWhole = () =>
    planes.every(({ seen, history }) => seen && (!progressive || (n > 1 && history.complete)))
  let scan = markers.nextScan()
  for (let count = 0; scan; count++) {
    if (count === MAX_SCANS) throw new ImageError(`expected a JPEG of at most ${MAX_SCANS} scans`)
    const end = decodeScan(markers, planes, n, scan, work)
    if (!progressive && isWhole()) return
    try {
      scan = markers.nextScan(end)
    } catch (error) {
      if (error instanceof TruncatedJpegError && isWhole()) return
      throw error
    }
  }
}

function blocksOf(frame: Frame): number {
  return frame.components.reduce((sum, component) => {
    const { mcuBlocksAcross, mcuBlocksDown } = planeShape(frame, component)
    return sum + mcuBlocksAcross * mcuBlocksDown
  }, 0)
}

function bytesFor(frame: Frame, n: CellsPerSide): number {
  const coefficients = frame.progressive ? (n === 1 ? 1 : 64) : 0
  return blocksOf(frame) * (n * n + 2 * coefficients + (frame.progressive ? 1 : 0))
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
    quantization: new Uint16Array(64),
    cells: new Uint8Array(blocks * n * n),
    stride: mcuBlocksAcross * n,
    blocksAcross: Math.ceil(width / 8),
    blocksDown: Math.ceil(height / 8),
    mcuBlocksAcross,
    width,
    height,
    coefficients: new Int16Array(frame.progressive ? blocks * (n === 1 ? 1 : 64) : 0),
    lastNonzero: new Uint8Array(frame.progressive ? blocks : 0),
    history: new ScanHistory(),
    seen: false,
  }
}

/** Returns the position after the scan's data. */
function decodeScan(
  markers: JpegMarkers,
  all: Plane[],
  n: CellsPerSide,
  { header, dataAt }: Scan,
  work: WorkBudget,
): number {
  const { frame } = markers
  const ac = header.spectralStart > 0
  const planes = header.components.map(({ index }) => planeAt(all, index))
  for (const plane of planes) {
    if (frame.progressive) plane.history.add(header)
    else if (plane.seen) throw new ImageError('the JPEG codes a component twice')
    if (!plane.seen && ac) throw new ImageError("a JPEG component's details come before its DC scan")
    if (!plane.seen) plane.quantization = quantizationOf(plane.component, markers)
    plane.seen = true
  }
  if (frame.progressive && ac && n === 1) return dataAt // only DC is needed: skip the scan
  const blocks = planes.reduce((sum, plane) => sum + plane.mcuBlocksAcross * plane.blocksDown, 0)
  work.spend(BLOCK_WORK * blocks, 'the JPEG')
  if (!frame.progressive) markers.huffman.useStandardTables()
  const end = readByKernel(markers, planes, { header, dataAt }, n)
  if (end !== undefined) return end
  const bits = new ScanBits(markers.jpeg, dataAt)
  const scan = frame.progressive
    ? new ProgressiveScan(bits, header, markers.huffman, n)
    : new BaselineScan(bits, header, markers.huffman, n)
  walkBlocks(frame, planes, markers.restartInterval, bits, scan)
  bits.checkEnd()
  return bits.at
}

function readByKernel(
  { frame, huffman, jpeg, restartInterval }: JpegMarkers,
  planes: Plane[],
  { header, dataAt }: Scan,
  n: CellsPerSide,
): number | undefined {
  if (frame.progressive) {
    if (header.spectralStart === 0 || restartInterval > 0) return undefined
    const table = huffman.table('ac', header.components[0].ac)
    return progressiveByKernel(jpeg, dataAt, planes[0], table, header)
  }
  const parts = header.components.map(({ dc, ac }, i) => {
    return { plane: planes[i], dc: huffman.table('dc', dc), ac: huffman.table('ac', ac) }
  })
  return scanByKernel(jpeg, dataAt, parts, { ...mcusOf(frame, planes), interval: restartInterval }, n)
}

function planeAt(planes: Plane[], index: number): Plane {
  const plane = planes[index]
  if (!plane) throw new ImageError('the JPEG has a scan of a component that its frame does not name')
  return plane
}

interface BlockDecoder {
  decode(plane: Plane, part: number, blockX: number, blockY: number): void
  restart(): void
}

function walkBlocks(
  frame: Frame,
  planes: Plane[],
  restartInterval: number,
  bits: ScanBits,
  decoder: BlockDecoder,
): void {
  const only = planes.length === 1
  const mcus = mcusOf(frame, planes)
  let untilRestart = restartInterval
  for (let my = 0; my < mcus.down; my++) {
    for (let mx = 0; mx < mcus.across; mx++) {
      if (restartInterval > 0 && untilRestart-- === 0) {
        bits.restart()
        decoder.restart()
        untilRestart = restartInterval - 1
      }
      for (let part = 0; part < planes.length; part++) {
        const plane = planes[part] as Plane
        const across = only ? 1 : plane.component.across
        const down = only ? 1 : plane.component.down
        for (let y = 0; y < down; y++) {
          for (let x = 0; x < across; x++) decoder.decode(plane, part, mx * across + x, my * down + y)
        }
      }
      bits.checkEnd()
    }
  }
}

function quantizationOf({ quantization }: Component, markers: JpegMarkers): Uint16Array {
  const table = markers.quantization[quantization]
  if (!table) throw new ImageError('the JPEG lacks a quantization table')
  return table
}

function coefficientsToCells(plane: Plane, n: CellsPerSide): void {
  if (n > 1 && cellsByKernel(plane, n as 2 | 4 | 8)) return
  const { coefficients, lastNonzero, cells, stride, mcuBlocksAcross, quantization } = plane
  const size = n === 1 ? 1 : 64
  for (let block = 0; block < lastNonzero.length; block++) {
    const at = Math.floor(block / mcuBlocksAcross) * n * stride + (block % mcuBlocksAcross) * n
    writeCells(coefficients, block * size, lastNonzero[block] ?? 0, quantization, n, cells, at, stride)
  }
}
