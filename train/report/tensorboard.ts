import { appendFileSync } from 'node:fs'
import { join } from 'node:path'

/** TensorBoard's event file: TFRecords of Event protocol buffers, scalars only. */
export class EventFile {
  readonly #file: string

  constructor(folder: string) {
    const now = Date.now() / 1000
    this.#file = join(folder, `events.out.tfevents.${Math.floor(now)}.${process.pid}.latent64`)
    appendFileSync(this.#file, record([...double(1, now), ...bytes(3, Buffer.from('brain.Event:2'))]))
  }

  scalars(step: number, values: Record<string, number>): void {
    const summary = Object.entries(values).flatMap(([tag, value]) =>
      bytes(1, Buffer.from([...bytes(1, Buffer.from(tag)), ...float(2, value)])),
    )
    const event = [
      ...double(1, Date.now() / 1000),
      ...varintField(2, step),
      ...bytes(5, Buffer.from(summary)),
    ]
    appendFileSync(this.#file, record(event))
  }
}

/** 8 bytes length, 4 bytes checksum of it, the data, 4 bytes checksum of it; all little-endian. */
function record(event: number[]): Buffer {
  const data = Buffer.from(event)
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(data.length))
  return Buffer.concat([length, maskedChecksum(length), data, maskedChecksum(data)])
}

/** TFRecord stores CRC-32C rotated and with an offset, since a CRC over data that contains CRCs is weak. */
function maskedChecksum(data: Uint8Array): Buffer {
  const crc = crc32c(data)
  const out = Buffer.alloc(4)
  out.writeUInt32LE((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0)
  return out
}

/** Castagnoli's polynomial, reflected. */
const table = Uint32Array.from({ length: 256 }, (_, i) => {
  let c = i
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ 0x82f63b78 : c >>> 1
  return c
})

function crc32c(data: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of data) crc = (crc >>> 8) ^ table[(crc ^ byte) & 255]
  return (crc ^ 0xffffffff) >>> 0
}

// Protocol buffer fields: a varint of (number << 3 | wire type), then the value.

function varint(value: number): number[] {
  const out: number[] = []
  for (; value > 127; value = Math.floor(value / 128)) out.push((value % 128) | 128)
  return [...out, value]
}

function varintField(field: number, value: number): number[] {
  return [...varint(field * 8), ...varint(value)]
}

function bytes(field: number, value: Uint8Array): number[] {
  return [...varint(field * 8 + 2), ...varint(value.length), ...value]
}

function double(field: number, value: number): number[] {
  const out = Buffer.alloc(8)
  out.writeDoubleLE(value)
  return [...varint(field * 8 + 1), ...out]
}

function float(field: number, value: number): number[] {
  const out = Buffer.alloc(4)
  out.writeFloatLE(value)
  return [...varint(field * 8 + 5), ...out]
}
