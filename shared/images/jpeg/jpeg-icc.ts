/** A colour profile in the APP2 segments of a JPEG (ICC.1, B.4): "ICC_PROFILE\0", its number, their count, its part. */
import { joinBytes } from '../join-bytes.ts'
import { MAX_PROFILE_BYTES } from '../limits.ts'

const TAG = 'ICC_PROFILE\0'
const HEADER_BYTES = TAG.length + 2

export class IccParts {
  private readonly parts: Uint8Array[] = []
  private count = 0

  add(body: Uint8Array): void {
    if (body.length < HEADER_BYTES || !TAG.split('').every((letter, i) => body[i] === letter.charCodeAt(0)))
      return
    const number = body[TAG.length] ?? 0 // from 1
    this.count = body[TAG.length + 1] ?? 0
    if (number > 0) this.parts[number - 1] ??= body.subarray(HEADER_BYTES)
  }

  /** Undefined if there is no profile, a part of it is missing, or it is too large. */
  profile(): Uint8Array | undefined {
    if (this.count === 0) return undefined
    const parts: Uint8Array[] = []
    for (let i = 0; i < this.count; i++) {
      const part = this.parts[i]
      if (!part) return undefined
      parts.push(part)
    }
    const bytes = parts.reduce((sum, part) => sum + part.length, 0)
    return bytes > MAX_PROFILE_BYTES ? undefined : joinBytes(parts)
  }
}
