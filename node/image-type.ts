import type { SignedType } from '../shared/images/image-type.ts'

/** Files in folders are read if they have one of these. HEIC is among them, so that a phone's pictures are refused by name. */
const EXTENSIONS = new Set([
  ...['.png', '.jpg', '.jpeg', '.jpe', '.jfif', '.webp', '.gif', '.avif', '.tif', '.tiff', '.svg', '.raw'],
  ...['.heic', '.heif'],
])

export const isImageExtension = (extension: string) => EXTENSIONS.has(extension)

/** What to do about a format that neither the service's decoders nor sharp read; undefined if one of them does. */
export function whyUnreadable(type: SignedType | undefined): string | undefined {
  if (type === 'image/heic')
    return 'HEIC is not read: convert it first (heif-convert in.heic out.jpg, or on a Mac sips -s format jpeg in.heic --out out.jpg)'
  if (type === 'image/jxl') return 'JPEG XL is not read: convert it to PNG or JPEG first'
  if (type === 'image/bmp') return 'BMP is not read: convert it to PNG or JPEG first'
  return undefined
}
