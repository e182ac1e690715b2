/**
 * Reads JPEG, baseline and progressive: grey, YCbCr, RGB, CMYK and YCCK. Libraries first decode a whole image to RGBA:
 * 64 MB for 16 megapixels, and as much again for copies. Here blocks are averaged as they come, into as many cells as
 * the model's size needs; a photograph needs only its DC coefficients. An image near the model's size is decoded in
 * full, as libjpeg does (with its "fancy" upsampling of chroma).
 */
import type { ImageShape } from '../../manifest.ts'
import type { ColourTransform } from '../colour/colour-transform.ts'
import { applyOrientation, swapsSides } from '../exif.ts'
import type { DecodeLimits } from '../limits.ts'
import { AreaAverage, areaAverageRows, type Size, toChannels } from '../resize.ts'
import type { CellsPerSide } from './cells/jpeg-cells.ts'
import { componentRow, isYcbcr, transformRow, ycbcrToRgb } from './jpeg-colour.ts'
import type { Frame } from './jpeg-frame.ts'
import { JpegMarkers } from './jpeg-markers.ts'
import type { Plane, Planes } from './jpeg-plane.ts'
import { decodePlanes } from './jpeg-planes.ts'
import { averageByKernel } from './kernel/jpeg-scan.ts'

/** In each direction. With fewer, cells across the border of two model pixels would blur the result. */
const CELLS_PER_MODEL_PIXEL = 4
/** The same if cells are converted one by one: that is not linear, so what a cell averages before it must vary little. */
const CONVERTED_CELLS_PER_MODEL_PIXEL = 8

/** The conversions of planes of components: YCbCr to RGB, then the profile's colours to sRGB. */
interface Colours {
  ycbcr: boolean
  toSrgb: ColourTransform | undefined
}

export async function decodeJpeg(
  jpeg: Uint8Array,
  shape: ImageShape,
  limits: DecodeLimits,
): Promise<Uint8Array> {
  const markers = new JpegMarkers(jpeg, limits)
  const { frame, orientation } = markers
  const target = swapsSides(orientation) ? { width: shape.height, height: shape.width } : shape
  const colours = { ycbcr: isYcbcr(markers), toSrgb: await transformOf(markers) }
  const cellWork = (cells: number) =>
    cells * (colours.toSrgb?.pixelWork ?? 0) + (colours.toSrgb?.sharedWork?.(cells) ?? 0)
  const planes = decodePlanes(markers, cellsFor(frame, target, colours), cellWork, limits.work)
  const stored = average(frame, planes, colours, target)
  const channels = (stored.length / (target.width * target.height)) as 1 | 3
  return applyOrientation(toChannels(stored, channels, shape.channels), shape, orientation)
}

async function transformOf({ frame, icc }: JpegMarkers): Promise<ColourTransform | undefined> {
  const channels = frame.components.length as 1 | 3 | 4
  const profile = icc.profile()
  if (channels < 4 && !profile) return undefined
  const { colourTransform } = await import('../colour/icc-profile.ts')
  const transform = profile && colourTransform(profile, channels)
  if (transform || channels < 4) return transform
  return (await import('../colour/cmyk.ts')).cmykToSrgb()
}

function cellsFor(frame: Frame, target: Size, { toSrgb }: Colours): CellsPerSide {
  const pixels = Math.min(frame.width / target.width, frame.height / target.height)
  const cells = toSrgb ? CONVERTED_CELLS_PER_MODEL_PIXEL : CELLS_PER_MODEL_PIXEL
  for (const n of [1, 2, 4] as const) if (8 / n <= pixels / cells) return n
  return 8
}

function average(frame: Frame, planes: Planes, colours: Colours, target: Size): Uint8Array {
  if (planes.n === 8) return averagePixels(frame, planes, colours, target)
  return colours.toSrgb
    ? averageCellRows(frame, planes, colours, colours.toSrgb, target)
    : averagePlanes(frame, planes, colours, target)
}

/** Decodes in full, then averages: the same as any decoder followed by shared/images/resize.ts. */
function averagePixels(
  { width, height, ...frame }: Frame,
  { planes }: Planes,
  colours: Colours,
  target: Size,
) {
  const channels = colours.toSrgb?.to ?? (planes.length as 1 | 3)
  const stored = new Uint8Array(width * planes.length)
  return areaAverageRows({ width, height, channels }, target, (y, pixels) => {
    const row = colours.toSrgb ? stored : pixels
    componentRow({ width, height, ...frame }, planes, y, row)
    if (colours.ycbcr) transformRow(row, planes.length)
    colours.toSrgb?.convert(row, pixels, width)
  })
}

/** Averages each component at its own resolution; colours are converted once, at the model's size. */
function averagePlanes(frame: Frame, { n, planes }: Planes, { ycbcr }: Colours, target: Size): Uint8Array {
  const means = planes.map((plane) => averagePlane(frame, plane, n, target))
  const [first, second, third] = means
  const channels = means.length
  const stored = new Uint8Array(target.width * target.height * channels)
  for (let i = 0; i < target.width * target.height; i++) {
    if (ycbcr) ycbcrToRgb(first?.[i] ?? 0, second?.[i] ?? 0, third?.[i] ?? 0, stored, 3 * i)
    else for (let c = 0; c < channels; c++) stored[i * channels + c] = Math.floor((means[c]?.[i] ?? 0) + 0.5)
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
  const means = averageByKernel(plane, columns, cellHeight, { width, height }, target)
  if (means) return means
  for (let row = 0; row * cellHeight < height; row++) {
    const cells = plane.cells.subarray(row * plane.stride, row * plane.stride + count)
    average.addRow(cells, columns, row * cellHeight, (row + 1) * cellHeight)
  }
  return average.means()
}

/** A profile's conversion is not linear, so it is applied to each cell before averaging. */
function averageCellRows(
  { width, height, maxAcross, maxDown }: Frame,
  { n, planes }: Planes,
  { ycbcr }: Colours,
  toSrgb: ColourTransform,
  target: Size,
): Uint8Array {
  const size = 8 / n // of the finest component's cells, in pixels of the image
  const count = Math.ceil(width / size)
  const average = new AreaAverage({ width, height, channels: toSrgb.to }, target)
  const columns = average.columns({ start: 0, step: size, size, count })
  const stored = new Uint8Array(count * planes.length)
  const pixels = new Uint8Array(count * toSrgb.to)
  for (let row = 0; row * size < height; row++) {
    planes.forEach(({ cells, stride, component }, c) => {
      const from = Math.floor((row * component.down) / maxDown) * stride
      for (let x = 0; x < count; x++) {
        const cell = Math.floor((x * component.across) / maxAcross)
        stored[x * planes.length + c] = cells[from + cell] ?? 0
      }
    })
    if (ycbcr) transformRow(stored, planes.length)
    toSrgb.convert(stored, pixels, count)
    average.addRow(pixels, columns, row * size, (row + 1) * size)
  }
  return average.finish()
}
