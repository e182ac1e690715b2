/** Today's placeholders, BlurHash and ThumbHash, each through its own package. */
import { decode as decodeBlurHash, encode as encodeBlurHash } from 'blurhash'
import type { ImageShape } from '../../shared/manifest.ts'
import { fromRgba, toRgba } from '../../train/baselines/rgba.ts'
import { fromThumbHash, toThumbHash } from '../../train/baselines/thumb-hash.ts'
import { type Baseline, type BaselineSetting, timed } from './baseline.ts'

/** A BlurHash is text. It is counted at the log2(83) bits that each character holds; as text it takes 1.26 times that. */
export const blurHashBytes = (hash: string) => (hash.length * Math.log2(83)) / 8

export const blurHashSetting = (shape: ImageShape, across: number, down: number): BaselineSetting => ({
  setting: `${across}x${down}`,
  code: (samples) =>
    timed(
      () => encodeBlurHash(toRgba(samples, shape), shape.width, shape.height, across, down),
      (hash) => fromRgba(decodeBlurHash(hash, shape.width, shape.height), shape),
      blurHashBytes,
    ),
})

export const blurHash: Baseline = {
  codec: 'BlurHash',
  note: 'counted at log2(83) bits per character; as text it is 25 % longer',
  settings: (shape) => [3, 4, 5, 6, 8].map((side) => blurHashSetting(shape, side, side)),
}

export const thumbHash: Baseline = {
  codec: 'ThumbHash',
  note: "its own decoder picks the size (the longer side 32 pixels); if that is not the image's, bicubic resampling follows",
  settings: (shape) => [
    {
      setting: '-',
      code: (samples) =>
        timed(
          () => toThumbHash(samples, shape),
          (hash) => fromThumbHash(hash, shape),
          (hash) => hash.length,
        ),
    },
  ],
}
