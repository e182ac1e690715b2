/** CRC-8, polynomial 0x2f: catches every change inside one byte, and all but 1 in 256 of other damage. */

const TABLE = Uint8Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? (crc << 1) ^ 0x2f : crc << 1
  return crc
})

/** The CRC-8 of bytes[start, end), continuing that of an earlier part. */
export function crc8(bytes: Uint8Array, start: number, end: number, from = 0xff): number {
  let crc = from
  for (let i = start; i < end; i++) crc = TABLE[crc ^ bytes[i]]
  return crc
}
