/** Tells a file's format by its first bytes, since names, extensions and Content-Types are often wrong. */

/** What the service, the CLI, training and the page decode themselves. */
export const IMAGE_TYPES = ['image/png', 'image/jpeg', 'image/webp'] as const
export type ImageType = (typeof IMAGE_TYPES)[number]

/** The others are known only so that errors can name them; sharp reads most of them for the CLI and for training. */
export type SignedType =
  | ImageType
  | 'image/gif'
  | 'image/tiff'
  | 'image/bmp'
  | 'image/jxl'
  | 'image/avif'
  | 'image/heic'

/** First bytes as Latin-1 text; '?' stands for any byte. */
const SIGNATURES: [type: SignedType, pattern: string][] = [
  ['image/png', '\x89PNG'], // without the four bytes that a line-end conversion damages: that is still a PNG, if a broken one
  ['image/jpeg', '\xff\xd8\xff'],
  ['image/webp', 'RIFF????WEBP'],
  ['image/gif', 'GIF87a'],
  ['image/gif', 'GIF89a'],
  ['image/tiff', 'II*\0'],
  ['image/tiff', 'MM\0*'],
  ['image/bmp', 'BM????\0\0\0\0'],
  ['image/jxl', '\0\0\0\x0cJXL \r\n\x87\n'], // not a bare codestream, whose two bytes could just as well be two samples
]

/** Undefined if the bytes begin like none of these images: they may be raw samples, a code or text. */
export function typeBySignature(bytes: Uint8Array): SignedType | undefined {
  return SIGNATURES.find(([, pattern]) => matches(bytes, 0, pattern))?.[0] ?? heifType(bytes)
}

export function isImageType(type: string | undefined): type is ImageType {
  return (IMAGE_TYPES as readonly (string | undefined)[]).includes(type)
}

/** ISO base media file: a box of its length (4 bytes), "ftyp", the major brand, a version and the compatible brands. */
function heifType(bytes: Uint8Array): SignedType | undefined {
  if (!matches(bytes, 4, 'ftyp')) return undefined
  const end = Math.min(bytes.length, (bytes[2] << 8) | bytes[3]) // of the box
  const brands: string[] = []
  for (let at = 8; at + 4 <= end; at += 4) brands.push(String.fromCharCode(...bytes.subarray(at, at + 4)))
  if (brands.some((brand) => brand === 'avif' || brand === 'avis')) return 'image/avif'
  return brands.some((brand) => /^(hei[cxms]|hev[cxms]|mif1|msf1)$/.test(brand)) ? 'image/heic' : undefined
}

function matches(bytes: Uint8Array, from: number, pattern: string): boolean {
  if (bytes.length < from + pattern.length) return false
  for (let i = 0; i < pattern.length; i++) {
    if (pattern[i] !== '?' && bytes[from + i] !== pattern.charCodeAt(i)) return false
  }
  return true
}
