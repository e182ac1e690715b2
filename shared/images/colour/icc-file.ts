/** An ICC profile's header and tags (ICC.1:2022, 7), and its curves (10.6 and 10.18). */

export interface IccFile {
  view: DataView
  colourSpace: string // 'RGB ', 'GRAY', 'CMYK', ...
  connectionSpace: 'XYZ ' | 'Lab '
  /** Where each tag's data begins. */
  tags: Map<string, number>
}

export type Curve = (value: number) => number

const HEADER_BYTES = 128
const MAX_TAGS = 100

export function nameAt(view: DataView, at: number): string {
  return String.fromCharCode(
    view.getUint8(at),
    view.getUint8(at + 1),
    view.getUint8(at + 2),
    view.getUint8(at + 3),
  )
}

/** Throws RangeError if the bytes end too early, as every read from its DataView does. */
export function readIccFile(profile: Uint8Array): IccFile | undefined {
  const view = new DataView(profile.buffer, profile.byteOffset, profile.byteLength)
  const connectionSpace = nameAt(view, 20)
  if (nameAt(view, 36) !== 'acsp' || (connectionSpace !== 'XYZ ' && connectionSpace !== 'Lab '))
    return undefined
  const count = Math.min(MAX_TAGS, view.getUint32(HEADER_BYTES))
  const tags = new Map<string, number>()
  for (let i = 0; i < count; i++) {
    const entry = HEADER_BYTES + 4 + 12 * i
    tags.set(nameAt(view, entry), view.getUint32(entry + 4))
  }
  return { view, colourSpace: nameAt(view, 16), connectionSpace, tags }
}

export function fixed16(view: DataView, at: number): number {
  return view.getInt32(at) / 65536
}

/** A curve from [0, 1] to [0, 1], and how many bytes it takes in the file. */
export function readCurve(view: DataView, at: number): { curve: Curve; bytes: number } | undefined {
  const type = nameAt(view, at)
  if (type === 'para') return readParametric(view, at)
  if (type !== 'curv') return undefined
  const count = view.getUint32(at + 8)
  const bytes = 12 + 2 * count
  if (count === 0) return { curve: (value) => value, bytes }
  if (count === 1) {
    const gamma = view.getUint16(at + 12) / 256
    return { curve: (value) => value ** gamma, bytes }
  }
  return { curve: tableCurve(readTable(view, at + 12, count, 2)), bytes }
}

/** `count` entries of one or two bytes, as numbers from 0 to 1. */
export function readTable(view: DataView, at: number, count: number, entryBytes: 1 | 2): Float64Array {
  if (at + count * entryBytes > view.byteLength) throw new RangeError('the table ends beyond the profile')
  const table = new Float64Array(count)
  for (let i = 0; i < count; i++) {
    table[i] = entryBytes === 1 ? view.getUint8(at + i) / 255 : view.getUint16(at + 2 * i) / 65535
  }
  return table
}

export function tableCurve(table: Float64Array): Curve {
  const last = table.length - 1
  return (value) => {
    const position = Math.max(0, Math.min(1, value)) * last
    const below = Math.min(last - 1, Math.floor(position))
    const [from, to] = [table[below] ?? 0, table[below + 1] ?? 0]
    return from + (to - from) * (position - below)
  }
}

const PARAMETERS = [1, 3, 4, 5, 7]

function readParametric(view: DataView, at: number): { curve: Curve; bytes: number } | undefined {
  const kind = view.getUint16(at + 8)
  const count = PARAMETERS[kind]
  if (count === undefined) return undefined
  const [g = 1, a = 1, b = 0, c = 0, d = 0, e = 0, f = 0] = Array.from({ length: count }, (_, i) =>
    fixed16(view, at + 12 + 4 * i),
  )
  const power = (x: number) => Math.max(0, a * x + b) ** g
  const curves: Curve[] = [
    (x) => x ** g,
    (x) => (x >= -b / a ? power(x) : 0),
    (x) => (x >= -b / a ? power(x) + c : c),
    (x) => (x >= d ? power(x) : c * x),
    (x) => (x >= d ? power(x) + e : c * x + f),
  ]
  const curve = curves[kind]
  return curve === undefined ? undefined : { curve, bytes: 12 + 4 * count }
}
