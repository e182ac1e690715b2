import type { SignedType } from '../shared/images/image-type.ts'

/** Extensions taken from folders. HEIC is among them so that a folder of a phone's pictures says what is missing. */
const EXTENSIONS = new Set([
  ...['.png', '.jpg', '.jpeg', '.jpe', '.jfif', '.webp', '.gif', '.avif', '.tif', '.tiff', '.svg', '.raw'],
  ...['.heic', '.heif'],
])

export const isImageExtension = (extension: string) => EXTENSIONS.has(extension)

/** Why neither the service's decoders nor sharp read a format, and what to do; undefined if one of them does. */
export function whyUnreadable(type: SignedType | undefined): string | undefined {
  if (type === 'image/heic')
    return 'HEIC is not read: convert it first (heif-convert in.heic out.jpg, or on a Mac sips -s format jpeg in.heic --out out.jpg)'
  if (type === 'image/jxl') return 'JPEG XL is not read: convert it to PNG or JPEG first'
  if (type === 'image/bmp') return 'BMP is not read: convert it to PNG or JPEG first'
  return undefined
}
