/** Writes ICC profiles of matrix and curves, and of a grey curve (ICC.1:2022), version 2 or 4. */
interface Curve {
  type: 'gamma' | 'table' | 'parametric'
  values: number[] // the gamma, the table's numbers from 0 to 1, or g, a, b, c, d
}

interface MatrixProfile {
  version?: 2 | 4
  /** XYZ under D50 of R, G and B. */
  primaries: [number, number, number][]
  curve: Curve
}

const SRGB_CURVE: Curve = {
  type: 'parametric',
  values: [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045],
}

export const DISPLAY_P3: MatrixProfile = {
  version: 4,
  primaries: [
    [0.515102, 0.241182, -0.001053],
    [0.291965, 0.692236, 0.041882],
    [0.157153, 0.066582, 0.784378],
  ],
  curve: SRGB_CURVE,
}

export const ADOBE_RGB: MatrixProfile = {
  version: 2,
  primaries: [
    [0.60974, 0.31111, 0.01947],
    [0.20528, 0.62567, 0.06087],
    [0.14919, 0.06322, 0.74457],
  ],
  curve: { type: 'gamma', values: [2.19921875] },
}

export const SRGB: MatrixProfile = {
  primaries: [
    [0.43607, 0.22249, 0.01392],
    [0.38515, 0.71687, 0.09708],
    [0.14307, 0.06061, 0.7141],
  ],
  curve: SRGB_CURVE,
}

export function matrixProfile({ version = 4, primaries, curve }: MatrixProfile): Uint8Array {
  const tags: [string, Buffer][] = []
  for (const [i, channel] of ['r', 'g', 'b'].entries()) {
    tags.push([`${channel}XYZ`, xyz(primaries[i] ?? [0, 0, 0])], [`${channel}TRC`, encodedCurve(curve)])
  }
  return profile('RGB ', version, tags)
}

export function greyProfile(curve: Curve): Uint8Array {
  return profile('GRAY', 4, [['kTRC', encodedCurve(curve)]])
}

function profile(space: string, version: 2 | 4, tags: [string, Buffer][]): Uint8Array {
  const all: [string, Buffer][] = [['wtpt', xyz([0.9642, 1, 0.8249])], ...tags]
  const table = Buffer.alloc(4 + 12 * all.length)
  table.writeUInt32BE(all.length)
  let at = 128 + table.length
  for (const [i, [name, body]] of all.entries()) {
    table.write(name, 4 + 12 * i, 'latin1')
    table.writeUInt32BE(at, 8 + 12 * i)
    table.writeUInt32BE(body.length, 12 + 12 * i)
    at += body.length
  }
  const header = Buffer.alloc(128)
  header.writeUInt32BE(at)
  header[8] = version
  header.write(`mntr${space}XYZ `, 12, 'latin1')
  header.write('acsp', 36, 'latin1')
  xyz([0.9642, 1, 0.8249]).copy(header, 68, 8)
  return new Uint8Array(Buffer.concat([header, table, ...all.map(([, body]) => body)]))
}

function fixed16(values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length)
  values.forEach((value, i) => {
    bytes.writeInt32BE(Math.round(value * 65536), 4 * i)
  })
  return bytes
}

function xyz(values: number[]): Buffer {
  return Buffer.concat([Buffer.from('XYZ \0\0\0\0'), fixed16(values)])
}

function encodedCurve({ type, values }: Curve): Buffer {
  if (type === 'parametric') return Buffer.concat([Buffer.from('para\0\0\0\0\0\x03\0\0'), fixed16(values)])
  const entries =
    type === 'gamma' ? [Math.round((values[0] ?? 1) * 256)] : values.map((v) => Math.round(v * 65535))
  const bytes = Buffer.alloc(12 + 2 * entries.length + ((2 * entries.length) % 4))
  bytes.write('curv', 'latin1')
  bytes.writeUInt32BE(entries.length, 8)
  entries.forEach((entry, i) => {
    bytes.writeUInt16BE(entry, 12 + 2 * i)
  })
  return bytes
}
