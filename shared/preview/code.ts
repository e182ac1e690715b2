/**
 * A preview's payload around its content. That of a numbered preview starts with its number, coded such that the first
 * two bits of the code, its version, are 1; there is one so far. Other models' ids are in the container.
 */

import { RangeDecoder, RangeEncoder, TABLE_TOTAL } from '../codec/entropy/range-coder.ts'
import { CodecError } from '../codec/errors.ts'
import type { PreviewParameters } from './parameters.ts'
import { type PreviewPayload, packPreview, unpackPreview } from './payload.ts'

const MARK_START = (TABLE_TOTAL / 4) * 3
/** The share of number 0; the rest of 2^14 is left for others. */
const NUMBER_SHARE = (TABLE_TOTAL / 16) * 15

export function packPreviewPayload(
  parameters: PreviewParameters,
  isNumbered: boolean,
  content: PreviewPayload,
): Uint8Array {
  const coder = new RangeEncoder()
  if (isNumbered) {
    coder.encode(MARK_START, TABLE_TOTAL - MARK_START)
    coder.encode(0, NUMBER_SHARE)
  }
  packPreview(coder, parameters, content)
  return coder.finish()
}

/** Throws CodecError if the encoder could not have written the bytes, as far as single symbols tell. */
function unpackPreviewPayload(
  parameters: PreviewParameters,
  isNumbered: boolean,
  payload: Uint8Array,
): PreviewPayload {
  const coder = new RangeDecoder(payload)
  if (isNumbered) {
    if (coder.peek() < MARK_START) throw new CodecError('the payload is not a preview of version 3')
    coder.consume(MARK_START, TABLE_TOTAL - MARK_START)
    if (coder.peek() >= NUMBER_SHARE)
      throw new CodecError('a preview with another number, which a newer decoder may know')
    coder.consume(0, NUMBER_SHARE)
  }
  return unpackPreview(coder, parameters)
}

/** The same, but it also refuses a payload that does not encode back to itself. */
export function unpackExactly(
  parameters: PreviewParameters,
  isNumbered: boolean,
  payload: Uint8Array,
): PreviewPayload {
  const content = unpackPreviewPayload(parameters, isNumbered, payload)
  const again = packPreviewPayload(parameters, isNumbered, content)
  if (again.length !== payload.length || again.some((byte, i) => byte !== payload[i]))
    throw new CodecError('the payload does not encode back to itself: the code was altered or cut')
  return content
}
