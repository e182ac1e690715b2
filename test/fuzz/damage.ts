/** Ways to damage a file. */
import { crc32 } from 'node:zlib'
import type { Random } from './random.ts'

/** One to six changes: bytes set, bits turned, pieces cut out, repeated, put in, or the end cut off. */
export function damaged(original: Uint8Array, random: Random): Uint8Array {
  let bytes = Buffer.from(original)
  for (let changes = 1 + random.below(6); changes > 0; changes--) {
    const at = random.below(bytes.length + 1)
    const length = 1 + random.below(random.pick([1, 8, 300]))
    const before = bytes.subarray(0, at)
    const after = bytes.subarray(at)
    const kind = random.pick(['set', 'turn', 'extreme', 'remove', 'repeat', 'insert', 'cut'])
    if (kind === 'set') bytes[at] = random.below(256)
    else if (kind === 'turn' && at < bytes.length) bytes[at] ^= 1 << random.below(8)
    else if (kind === 'extreme')
      bytes.subarray(at, at + random.pick([1, 2, 4])).fill(random.pick([0, 255, 127, 128]))
    else if (kind === 'remove') bytes = Buffer.concat([before, after.subarray(length)])
    else if (kind === 'repeat') bytes = Buffer.concat([before, after.subarray(0, length), after])
    else if (kind === 'insert') bytes = Buffer.concat([before, random.bytes(length), after])
    else if (kind === 'cut' && random.below(4) === 0) bytes = before
  }
  return new Uint8Array(bytes)
}

/** Gives a PNG's chunks CRCs that match, or damage would never reach what reads the pixels. */
export function withGoodChecksums(png: Uint8Array): Uint8Array {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength)
  for (let at = 8; at + 12 <= png.length; ) {
    const length = view.getUint32(at)
    if (at + 12 + length > png.length) break
    view.setUint32(at + 8 + length, crc32(png.subarray(at + 4, at + 8 + length)))
    at += 12 + length
  }
  return png
}

/** A PNG of any declared size around any compressed data. */
export function pngAround(width: number, height: number, colourType: number, data: Uint8Array[]): Uint8Array {
  const chunk = (name: string, body: Uint8Array): Buffer => {
    const bytes = Buffer.alloc(12 + body.length)
    bytes.writeUInt32BE(body.length)
    bytes.write(name, 4, 'latin1')
    bytes.set(body, 8)
    return bytes
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, colourType], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const chunks = [
    chunk('IHDR', header),
    ...data.map((body) => chunk('IDAT', body)),
    chunk('IEND', Buffer.alloc(0)),
  ]
  return withGoodChecksums(new Uint8Array(Buffer.concat([signature, ...chunks])))
}
