/** The numbered previews, for decoders without a model directory. */
import { fromBase64Url } from '../../codec/container/base64url.ts'
import { bitDecoder } from '../../codec/entropy/adaptive-symbols.ts'
import { RangeDecoder } from '../../codec/entropy/range-coder.ts'
import { emptyParameters, type PreviewParameters } from '../parameters.ts'
import { codePreviews, SHARED } from './preview-coder.ts'
import { HEADS, WEIGHTS } from './weights.ts'

let read: PreviewParameters[] | undefined

/** The preview of this number, unpacked once. */
export function shippedPreview(number: number): PreviewParameters {
  read ??= unpack()
  return read[number]
}

function unpack(): PreviewParameters[] {
  const [oldest, newest] = HEADS.map((head) => emptyParameters(head))
  codePreviews(bitDecoder(new RangeDecoder(fromBase64Url(WEIGHTS))), newest, oldest)
  for (const part of SHARED) oldest[part].set(newest[part].subarray(0, oldest[part].length))
  return [oldest, newest]
}
