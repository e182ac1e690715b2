/** A baseline JPEG of flat 8 x 8 blocks, each of one exact colour. */
const ACROSS = 250

type Segment = [marker: number, body: number[]]

/** colours: [count, 4] */
export function flatCmykJpeg(colours: Uint8Array): { jpeg: Uint8Array; across: number } {
  const count = colours.length / 4
  const [width, height] = [8 * ACROSS, 8 * Math.ceil(count / ACROSS)]
  const ids = [1, 2, 3, 4]
  const codes = [0, 0, 0, 12, ...new Array<number>(12).fill(0)] // of 4 bits for each of twelve sizes
  const endOfBlock = [1, ...new Array<number>(15).fill(0), 0] // the bit 0
  const segments: Segment[] = [
    [0xee, [...Buffer.from('Adobe'), 0, 100, 0, 0, 0, 0, 0]],
    [0xdb, [0, ...new Array<number>(64).fill(8)]], // a DC coefficient of 1 is one level
    [0xc0, [8, height >> 8, height & 255, width >> 8, width & 255, 4, ...ids.flatMap((id) => [id, 0x11, 0])]],
    [0xc4, [0x00, ...codes, ...Array.from({ length: 12 }, (_, i) => i), 0x10, ...endOfBlock]],
    [0xda, [4, ...ids.flatMap((id) => [id, 0]), 0, 63, 0]],
  ]
  const head = segments.flatMap(([marker, body]) => {
    return [0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 255, ...body]
  })
  return { jpeg: Uint8Array.from([0xff, 0xd8, ...head, ...scan(colours), 0xff, 0xd9]), across: ACROSS }
}

function scan(colours: Uint8Array): number[] {
  const bytes: number[] = []
  let [held, heldBits] = [0, 0]
  const write = (value: number, bits: number): void => {
    for (let bit = bits - 1; bit >= 0; bit--) {
      held = (held << 1) | ((value >> bit) & 1)
      if (++heldBits < 8) continue
      bytes.push(held)
      if (held === 0xff) bytes.push(0)
      held = heldBits = 0
    }
  }
  const before = [128, 128, 128, 128]
  colours.forEach((value, i) => {
    const difference = value - before[i % 4]
    before[i % 4] = value
    const size = 32 - Math.clz32(Math.abs(difference))
    write(size, 4)
    write(difference < 0 ? difference + (1 << size) - 1 : difference, size)
    write(0, 1)
  })
  while (heldBits > 0) write(1, 1)
  return bytes
}
