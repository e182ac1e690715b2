/** RGBA -> PNG without compression (RFC 2083, RFC 1950): a preview is small. */
const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
/** Of a stored block of deflate. */
const BLOCK = 65_535

export function encodePng({
  width,
  height,
  rgba,
}: {
  width: number
  height: number
  rgba: ArrayLike<number>
}): Uint8Array {
  const rows = new Uint8Array(height * (4 * width + 1))
  for (let y = 0; y < height; y++)
    for (let x = 0; x < 4 * width; x++) rows[y * (4 * width + 1) + 1 + x] = rgba[4 * y * width + x]!
  const header = [...word(width), ...word(height), 8, 6, 0, 0, 0] // 8 bits, RGBA
  return Uint8Array.from([
    ...SIGNATURE,
    ...chunk('IHDR', header),
    ...chunk('IDAT', stored(rows)),
    ...chunk('IEND', []),
  ])
}

const word = (value: number) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]

function chunk(type: string, data: number[]): number[] {
  const body = [...[...type].map((letter) => letter.charCodeAt(0)), ...data]
  return [...word(data.length), ...body, ...word(crc32(body))]
}

/** zlib around stored blocks. */
function stored(bytes: Uint8Array): number[] {
  const out = [0x78, 1]
  for (let at = 0; at < bytes.length; at += BLOCK) {
    const block = bytes.subarray(at, at + BLOCK)
    const size = block.length
    out.push(at + BLOCK >= bytes.length ? 1 : 0, size & 255, size >> 8, ~size & 255, (~size >> 8) & 255)
    for (const byte of block) out.push(byte)
  }
  let [a, b] = [1, 0]
  for (const byte of bytes) {
    a = (a + byte) % 65_521
    b = (b + a) % 65_521
  }
  return [...out, ...word(((b << 16) | a) >>> 0)]
}

function crc32(bytes: number[]): number {
  let crc = -1
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return ~crc >>> 0
}
