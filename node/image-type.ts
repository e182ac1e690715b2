import type { ImageType } from '../shared/images/decode-image.ts'

/** Extensions taken from folders. */
const EXTENSIONS = new Set([
  '.png',
  '.jpg',
  '.jpeg',
  '.webp',
  '.gif',
  '.avif',
  '.tif',
  '.tiff',
  '.svg',
  '.raw',
])

export const isImageExtension = (extension: string) => EXTENSIONS.has(extension)

/** What the service reads, by the first bytes; undefined for everything else. */
export function sniffImageType(bytes: Uint8Array): ImageType | undefined {
  const starts = (signature: number[], at = 0) => signature.every((byte, i) => bytes[at + i] === byte)
  if (starts([0x89, 0x50, 0x4e, 0x47])) return 'image/png'
  if (starts([0xff, 0xd8])) return 'image/jpeg'
  if (starts([0x52, 0x49, 0x46, 0x46]) && starts([0x57, 0x45, 0x42, 0x50], 8)) return 'image/webp' // RIFF, WEBP
  return undefined
}
