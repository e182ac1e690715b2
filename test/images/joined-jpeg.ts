/**
 * Makes JPEGs of any sampling factors from grey ones, which sharp writes: each becomes a component with a scan of its
 * own, and keeps its tables. sharp itself writes 4:4:4 and 4:2:0 alone, and CMYK only without subsampling.
 */
import { adobeSegment } from './flat-block-jpeg.ts'
import { picture, sharpOf } from './pictures.ts'

export interface JoinedJpeg {
  width: number
  height: number
  sampling: (readonly [across: number, down: number])[] // of each component
  quality: number
  adobeTransform?: number
}

interface GreyJpeg {
  quantization: Uint8Array // the table's 64 bytes
  huffman: Uint8Array[] // bodies of DHT segments
  scan: Uint8Array
}

export async function joinedJpeg(options: JoinedJpeg): Promise<Uint8Array> {
  const { width, height, sampling, adobeTransform } = options
  const parts = await Promise.all(sampling.map((_, i) => componentOf(options, i)))
  const bytes = [0xff, 0xd8]
  const segment = (marker: number, body: Iterable<number>): void => {
    const whole = [...body]
    bytes.push(0xff, marker, (whole.length + 2) >> 8, (whole.length + 2) & 255, ...whole)
  }
  if (adobeTransform !== undefined) segment(...adobeSegment(adobeTransform))
  for (const [i, { quantization }] of parts.entries()) segment(0xdb, [i, ...quantization])
  const frame = [8, height >> 8, height & 255, width >> 8, width & 255, parts.length]
  segment(0xc0, [...frame, ...sampling.flatMap(([across, down], i) => [i + 1, (across << 4) | down, i])])
  for (const [i, { huffman, scan }] of parts.entries()) {
    for (const body of huffman) segment(0xc4, body)
    segment(0xda, [1, i + 1, 0, 0, 63, 0])
    for (const byte of scan) bytes.push(byte)
  }
  return Uint8Array.from([...bytes, 0xff, 0xd9])
}

/** One channel of a picture, of the size that this component has. */
async function componentOf(
  { width, height, sampling, quality }: JoinedJpeg,
  index: number,
): Promise<GreyJpeg> {
  const [across = 1, down = 1] = sampling[index] ?? []
  const ownWidth = Math.ceil((width * across) / Math.max(...sampling.map(([a]) => a)))
  const ownHeight = Math.ceil((height * down) / Math.max(...sampling.map(([, d]) => d)))
  const { data } = picture(ownWidth, ownHeight, 3)
  const channel = data.filter((_, i) => i % 3 === index % 3)
  const grey = sharpOf({ data: channel, width: ownWidth, height: ownHeight, channels: 1 })
  return partsOf(new Uint8Array(await grey.jpeg({ quality }).toBuffer()))
}

function partsOf(jpeg: Uint8Array): GreyJpeg {
  const huffman: Uint8Array[] = []
  let quantization = new Uint8Array(64)
  for (let at = 2; ; ) {
    const marker = jpeg[at + 1]
    const end = at + 2 + (((jpeg[at + 2] ?? 0) << 8) | (jpeg[at + 3] ?? 0))
    const body = jpeg.subarray(at + 4, end)
    if (marker === 0xdb) quantization = body.slice(1)
    if (marker === 0xc4) huffman.push(body)
    if (marker === 0xda) return { quantization, huffman, scan: jpeg.subarray(end, -2) }
    at = end
  }
}
