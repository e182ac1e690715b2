/**
 * A preview's payload around its content. That of a numbered preview starts with its number, coded such that it gives the code
 * its first two bits, the version: 11 for number 0, 00 for number 1. Other models' ids are in the container.
 */

import { PREVIEW_VERSIONS } from '../codec/container/container.ts'
import { RangeDecoder, RangeEncoder, TABLE_TOTAL } from '../codec/entropy/range-coder.ts'
import { CodecError } from '../codec/errors.ts'
import type { PreviewParameters } from './parameters.ts'
import { type PreviewPayload, packPreview, unpackPreview } from './payload.ts'

/** A mark's share, which gives two bits, and a number's within it; the rest is left for other numbers. */
const MARK_SHARE = TABLE_TOTAL / 4
const NUMBER_SHARE = (TABLE_TOTAL / 16) * 15
/** Where a number's share begins. No payload of number 1 is so small that all of its bytes are 0, and left out. */
const NUMBER_STARTS = [0, TABLE_TOTAL - NUMBER_SHARE]
const markStart = (number: number) => PREVIEW_VERSIONS[number] * MARK_SHARE

export function packPreviewPayload(
  parameters: PreviewParameters,
  number: number | undefined,
  content: PreviewPayload,
): Uint8Array {
  const coder = new RangeEncoder()
  if (number !== undefined) {
    coder.encode(markStart(number), MARK_SHARE)
    coder.encode(NUMBER_STARTS[number], NUMBER_SHARE)
  }
  packPreview(coder, parameters, content)
  return coder.finish()
}

/** Throws CodecError if the encoder could not have written the bytes, as far as single symbols tell. */
function unpackPreviewPayload(
  parameters: PreviewParameters,
  number: number | undefined,
  payload: Uint8Array,
): PreviewPayload {
  const coder = new RangeDecoder(payload)
  if (number !== undefined) {
    consume(coder, markStart(number), MARK_SHARE)
    consume(coder, NUMBER_STARTS[number], NUMBER_SHARE)
  }
  return unpackPreview(coder, parameters)
}

function consume(coder: RangeDecoder, start: number, size: number): void {
  const target = coder.peek()
  if (target < start || target >= start + size) throw new CodecError('a preview of a newer version')
  coder.consume(start, size)
}

/** The same, but it also refuses a payload that does not encode back to itself. */
export function unpackExactly(
  parameters: PreviewParameters,
  number: number | undefined,
  payload: Uint8Array,
): PreviewPayload {
  const content = unpackPreviewPayload(parameters, number, payload)
  const again = packPreviewPayload(parameters, number, content)
  if (again.length !== payload.length || again.some((byte, i) => byte !== payload[i]))
    throw new CodecError('the payload does not encode back to itself: the code was altered or cut')
  return content
}
