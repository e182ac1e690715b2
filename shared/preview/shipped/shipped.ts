/** The numbered previews, for decoders without a model directory. */
import { fromBase64Url } from '../../codec/container/base64url.ts'
import { RangeDecoder } from '../../codec/entropy/range-coder.ts'
import { emptyParameters, type PreviewParameters } from '../parameters.ts'
import { numberDecoder } from './number-coder.ts'
import { codePreviews } from './preview-coder.ts'
import { HEADS, WEIGHTS } from './weights.ts'

let read: PreviewParameters[] | undefined

/** The preview of this number, unpacked once. */
export function shippedPreview(number: number): PreviewParameters {
  read ??= unpack()
  return read[number]
}

function unpack(): PreviewParameters[] {
  const [oldest, newest] = HEADS.map((head) => emptyParameters(head))
  codePreviews(numberDecoder(new RangeDecoder(fromBase64Url(WEIGHTS))), newest, oldest)
  oldest.weights.set(newest.weights.subarray(0, oldest.weights.length))
  oldest.shifts.set(newest.shifts.subarray(0, oldest.latents))
  oldest.bias.set(newest.bias)
  oldest.template.set(newest.template)
  return [oldest, newest]
}
