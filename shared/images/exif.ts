/** EXIF's orientation tag: 1 (as stored) to 8. 5 to 8 swap width and height. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8

const ORIENTATION_TAG = 0x0112
/** TIFF's integer types and their bytes. The tag should be a SHORT (3), but some programs write other types. */
const INTEGER_BYTES: Record<number, number> = { 1: 1, 3: 2, 4: 4, 6: 1, 8: 2, 9: 4 }

/**
 * The orientation in a TIFF block (EXIF without its "Exif\0\0" prefix). Metadata is often damaged, and that is no
 * reason to refuse a picture: anything unreadable counts as orientation 1, and so does no EXIF at all.
 */
export function readOrientation(tiff: Uint8Array | undefined): Orientation {
  if (!tiff || tiff.length < 8) return 1
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength)
  const byteOrder = view.getUint16(0)
  if (byteOrder !== 0x4949 && byteOrder !== 0x4d4d) return 1 // "II" or "MM"
  const little = byteOrder === 0x4949
  const directory = view.getUint32(4, little)
  if (directory + 2 > tiff.length) return 1
  const entries = view.getUint16(directory, little)
  for (let i = 0, at = directory + 2; i < entries && at + 12 <= tiff.length; i++, at += 12) {
    if (view.getUint16(at, little) === ORIENTATION_TAG) return asOrientation(readInteger(view, at, little))
  }
  return 1
}

/** The first value of a directory entry; undefined if it is not an integer. */
function readInteger(view: DataView, entry: number, little: boolean): number | undefined {
  const bytes = INTEGER_BYTES[view.getUint16(entry + 2, little)]
  if (bytes === 1) return view.getUint8(entry + 8)
  if (bytes === 2) return view.getUint16(entry + 8, little)
  return bytes === 4 ? view.getUint32(entry + 8, little) : undefined
}

function asOrientation(value: number | undefined): Orientation {
  return value !== undefined && value >= 1 && value <= 8 ? (value as Orientation) : 1
}

export function swapsSides(orientation: Orientation): boolean {
  return orientation >= 5
}

/** Applies the orientation to stored samples. width and height are those of the result. */
export function applyOrientation(
  stored: Uint8Array, // [height, width, channels], or [width, height, channels] if sides swap
  { width, height, channels }: { width: number; height: number; channels: number },
  orientation: Orientation,
): Uint8Array {
  if (orientation === 1) return stored
  const swaps = swapsSides(orientation)
  const storedWidth = swaps ? height : width
  const storedHeight = swaps ? width : height
  const mirrorsX = orientation === 2 || orientation === 3 || orientation === 7 || orientation === 8
  const mirrorsY = orientation === 3 || orientation === 4 || orientation === 6 || orientation === 7
  const seen = new Uint8Array(stored.length)
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const column = swaps ? y : x
      const row = swaps ? x : y
      const sx = mirrorsX ? storedWidth - 1 - column : column
      const sy = mirrorsY ? storedHeight - 1 - row : row
      const from = (sy * storedWidth + sx) * channels
      for (let c = 0; c < channels; c++) seen[at++] = stored[from + c] ?? 0
    }
  }
  return seen
}
