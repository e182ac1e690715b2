/**
 * Which colours a PNG's samples stand for (PNG specification, third edition, 4.3): cICP takes precedence over iCCP, and
 * that over sRGB, gAMA and cHRM. Like libvips, this ignores the last two, which often come with plain sRGB.
 */
import type { ColourTransform } from '../colour/colour-transform.ts'
import { colourTransform, displayP3 } from '../colour/icc-profile.ts'
import { InflateError } from '../inflate/bit-input.ts'
import { inflate } from '../inflate/inflate.ts'
import { joinBytes } from '../join-bytes.ts'
import { MAX_PROFILE_BYTES } from '../limits.ts'
import type { PngChunks } from './png-chunks.ts'

/** ITU-T H.273: the primaries of SMPTE EG 432-1 (Display P3) with the transfer function of sRGB. */
const [P3_PRIMARIES, SRGB_TRANSFER] = [12, 13]
/** Blocks that encoders write hold kilobytes each. */
const MAX_BLOCKS = 1000

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

/** Undefined if it is damaged or too large. */
function inflateProfile(chunk: Uint8Array): Uint8Array | undefined {
  const nameEnd = chunk.indexOf(0)
  if (nameEnd < 0 || chunk[nameEnd + 1] !== 0) return undefined // 0: the compression method
  const parts: Uint8Array[] = []
  let [bytes, blocks] = [0, 0]
  try {
    inflate([chunk.subarray(nameEnd + 2)], {
      onBlock() {
        if (++blocks > MAX_BLOCKS) throw new InflateError('too many blocks')
      },
      take(part) {
        bytes += part.length
        if (bytes <= MAX_PROFILE_BYTES) parts.push(part.slice())
        return bytes > MAX_PROFILE_BYTES
      },
    })
  } catch (error) {
    if (error instanceof InflateError) return undefined
    throw error
  }
  return bytes > MAX_PROFILE_BYTES ? undefined : joinBytes(parts)
}
