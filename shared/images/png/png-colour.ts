/**
 * Which colours a PNG's samples are (PNG specification, third edition, 4.3): cICP before iCCP before sRGB, gAMA and
 * cHRM. The last two are not applied, as by libvips: writers put them beside plain sRGB as often as not.
 */
import { Unzlib } from 'fflate'
import type { ColourTransform } from '../colour/colour-transform.ts'
import { colourTransform, displayP3 } from '../colour/icc-profile.ts'
import { MAX_PROFILE_BYTES } from '../limits.ts'
import type { PngChunks } from './png-chunks.ts'

/** ITU-T H.273: the primaries of SMPTE EG 432-1 (Display P3) with the transfer function of sRGB. */
const [P3_PRIMARIES, SRGB_TRANSFER] = [12, 13]
const STEP_BYTES = 1024

export function pngColourTransform({
  header,
  codePoints,
  iccProfile,
}: PngChunks): ColourTransform | undefined {
  const channels = header.colourType === 0 || header.colourType === 4 ? 1 : 3
  if (codePoints && codePoints.length === 4) {
    const [primaries, transfer] = codePoints
    return channels === 3 && primaries === P3_PRIMARIES && transfer === SRGB_TRANSFER
      ? displayP3()
      : undefined
  }
  const profile = iccProfile && inflateProfile(iccProfile)
  return profile && colourTransform(profile, channels)
}

/** Undefined: it is damaged, or too large. */
function inflateProfile(chunk: Uint8Array): Uint8Array | undefined {
  const nameEnd = chunk.indexOf(0)
  if (nameEnd < 0 || chunk[nameEnd + 1] !== 0) return undefined // 0: the compression method
  const parts: Uint8Array[] = []
  let bytes = 0
  const inflater = new Unzlib((part) => {
    parts.push(part)
    bytes += part.length
  })
  try {
    for (let at = nameEnd + 2; at < chunk.length && bytes <= MAX_PROFILE_BYTES; at += STEP_BYTES) {
      inflater.push(chunk.slice(at, at + STEP_BYTES), at + STEP_BYTES >= chunk.length)
    }
  } catch {
    return undefined
  }
  return bytes > MAX_PROFILE_BYTES ? undefined : joined(parts, bytes)
}

function joined(parts: Uint8Array[], bytes: number): Uint8Array {
  const whole = new Uint8Array(bytes)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
