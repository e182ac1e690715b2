/** Small JPEG files that are expensive to decode. */

type Segment = [marker: number, body: number[]]

function segment([marker, body]: Segment): number[] {
  return [0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 255, ...body]
}

const QUANTIZATION: Segment = [0xdb, [0, ...new Array<number>(64).fill(1)]]

/** Grey, of one component. */
function frame(marker: number, width: number, height: number): Segment {
  return [marker, [8, height >> 8, height & 255, width >> 8, width & 255, 1, 1, 0x11, 0]]
}

/** One code of one bit, 0, for `symbol`. */
function table(id: number, symbol: number): Segment {
  return [0xc4, [id, 1, ...new Array<number>(15).fill(0), symbol]]
}

const LONGEST_RUN = 0xe0 // 2 ** 14 blocks without a coefficient, and as many more as the 14 bits that follow say

/** Many empty scans, each of which visits every block. */
export function manyScansJpeg(width: number, height: number, scans: number): Uint8Array {
  const blocks = Math.ceil(width / 8) * Math.ceil(height / 8)
  const bytes = [0xff, 0xd8, ...segment(QUANTIZATION), ...segment(frame(0xc2, width, height))]
  bytes.push(...segment(table(0x00, 0)), ...segment(table(0x10, LONGEST_RUN)))
  bytes.push(...segment([0xda, [1, 1, 0, 0, 0, 0]]), ...zeroBits(blocks))
  for (let scan = 0; scan < scans; scan++) {
    const coefficient = 1 + (scan % 63)
    const approximation = scan < 63 ? 0x01 : 0x10 // the first time to the bit above the last, then the last
    bytes.push(...segment([0xda, [1, 1, 0, coefficient, coefficient, approximation]]), ...zeroRuns(blocks))
  }
  return Uint8Array.from([...bytes, 0xff, 0xd9])
}

/** `count` codes of one bit, padded with ones. */
function zeroBits(count: number): number[] {
  const bytes = new Array<number>(count >> 3).fill(0)
  return count % 8 === 0 ? bytes : [...bytes, 0xff >> (count % 8)]
}

/** Runs of up to 2 ** 15 - 1 blocks: code 0 and 14 bits. */
function zeroRuns(blocks: number): number[] {
  let bits = ''
  for (let left = blocks; left > 0; ) {
    const run = Math.min(left, 2 ** 15 - 1)
    if (run < 2 ** 14) throw new Error('more blocks, or fewer: the last run must be of 2 ** 14 at least')
    bits += `0${(run - 2 ** 14).toString(2).padStart(14, '0')}`
    left -= run
  }
  const bytes: number[] = []
  for (let at = 0; at < bits.length; at += 8) {
    const byte = Number.parseInt(bits.slice(at, at + 8).padEnd(8, '1'), 2)
    bytes.push(byte)
    if (byte === 0xff) bytes.push(0)
  }
  return bytes
}

/** Megabytes of tables without any code, before a frame of 8 x 8. */
export function manyTablesJpeg(bytes: number): Uint8Array {
  const before = [0xff, 0xd8, ...segment(QUANTIZATION)]
  const after = [
    ...segment(frame(0xc0, 8, 8)),
    ...segment(table(0x00, 0)),
    ...segment(table(0x10, 0)),
    ...segment([0xda, [1, 1, 0, 0, 63, 0]]),
    ...[0x3f, 0xff, 0xd9],
  ]
  const empty = segment([0xc4, []])
  const count = Math.floor((bytes - before.length - after.length) / empty.length)
  const file = new Uint8Array(before.length + count * empty.length + after.length)
  file.set(before)
  for (let i = 0; i < count; i++) file.set(empty, before.length + i * empty.length)
  file.set(after, file.length - after.length)
  return file
}
