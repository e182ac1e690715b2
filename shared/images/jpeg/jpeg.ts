/**
 * JPEG in, baseline and progressive, grey, YCbCr or RGB. Libraries decode a whole image to RGBA first: 64 MB for 16
 * megapixels, twice with their copies. Here blocks are averaged as they come, into as many cells as the model's size
 * calls for; a photograph needs only its DC coefficients. An image near the model's size is decoded in full, like
 * libjpeg does it (with its "fancy" upsampling of chroma).
 */
import type { ImageShape } from '../../manifest.ts'
import { applyOrientation, swapsSides } from '../exif.ts'
import type { ImageLimits } from '../limits.ts'
import { AreaAverage, areaAverageRows, type Size, toChannels } from '../resize.ts'
import type { CellsPerSide } from './jpeg-cells.ts'
import { colourRow, isYcbcr, ycbcrToRgb } from './jpeg-colour.ts'
import { type Frame, JpegMarkers } from './jpeg-header.ts'
import { decodePlanes, type Plane, type Planes } from './jpeg-planes.ts'

/** In each direction, or cells that lie across the border of two model pixels would blur the result. */
const CELLS_PER_MODEL_PIXEL = 4

export function decodeJpeg(jpeg: Uint8Array, shape: ImageShape, limits: ImageLimits): Uint8Array {
  const markers = new JpegMarkers(jpeg, limits)
  const frame = markers.readFrame()
  const { orientation } = markers
  const target = swapsSides(orientation) ? { width: shape.height, height: shape.width } : shape
  const planes = decodePlanes(markers, frame, cellsFor(frame, target))
  const channels = frame.components.length as 1 | 3
  const toRgb = isYcbcr(frame, markers.adobeTransform)
  const stored =
    planes.n === 8 ? averageRows(frame, planes, toRgb, target) : averageCells(frame, planes, toRgb, target)
  return applyOrientation(toChannels(stored, channels, shape.channels), shape, orientation)
}

function cellsFor(frame: Frame, target: Size): CellsPerSide {
  const pixels = Math.min(frame.width / target.width, frame.height / target.height)
  for (const n of [1, 2, 4] as const) if (8 / n <= pixels / CELLS_PER_MODEL_PIXEL) return n
  return 8
}

/** Full decoding, then the average: what any decoder followed by shared/images/resize.ts gives. */
function averageRows(frame: Frame, { planes }: Planes, toRgb: boolean, target: Size): Uint8Array {
  const { width, height } = frame
  const channels = planes.length as 1 | 3
  return areaAverageRows({ width, height, channels }, target, (y, pixels) => {
    colourRow(frame, planes, toRgb, y, pixels)
  })
}

/** Each component is averaged by itself, at its own resolution; colours are mixed once, at the model's size. */
function averageCells(frame: Frame, { n, planes }: Planes, toRgb: boolean, target: Size): Uint8Array {
  const means = planes.map((plane) => averagePlane(frame, plane, n, target))
  const channels = means.length
  const stored = new Uint8Array(target.width * target.height * channels)
  for (let i = 0; i < target.width * target.height; i++) {
    if (toRgb) ycbcrToRgb(means[0]![i]!, means[1]![i]!, means[2]![i]!, stored, 3 * i)
    else for (let c = 0; c < channels; c++) stored[i * channels + c] = Math.floor(means[c]![i]! + 0.5)
  }
  return stored
}

function averagePlane(frame: Frame, plane: Plane, n: CellsPerSide, target: Size): Float64Array {
  const { width, height, maxAcross, maxDown } = frame
  const average = new AreaAverage({ width, height, channels: 1 }, target)
  const cellWidth = ((8 / n) * maxAcross) / plane.component.across // in pixels of the image
  const cellHeight = ((8 / n) * maxDown) / plane.component.down
  const count = Math.ceil(width / cellWidth)
  const columns = average.columns({ start: 0, step: cellWidth, size: cellWidth, count })
  for (let row = 0; row * cellHeight < height; row++) {
    const cells = plane.cells.subarray(row * plane.stride, row * plane.stride + count)
    average.addRow(cells, columns, row * cellHeight, (row + 1) * cellHeight)
  }
  return average.means()
}
