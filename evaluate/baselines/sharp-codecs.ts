/** PNG, JPEG (mozjpeg), WebP and AVIF through sharp (libpng + libimagequant, mozjpeg, libwebp, libaom). */
import sharp, { type Sharp } from 'sharp'
import type { ImageShape } from '../../shared/manifest.ts'
import { type Baseline, type BaselineSetting, timed } from './baseline.ts'

function sharpSetting(
  shape: ImageShape,
  setting: string,
  toFormat: (image: Sharp) => Sharp,
): BaselineSetting {
  const { height, width, channels } = shape
  const encode = (samples: Uint8Array) => {
    const image = sharp(samples, { raw: { width, height, channels } })
    return toFormat(channels === 1 ? image.toColourspace('b-w') : image).toBuffer()
  }
  const decode = (code: Buffer) => {
    const image = sharp(code).removeAlpha()
    return (channels === 1 ? image.toColourspace('b-w') : image.toColourspace('srgb')).raw().toBuffer()
  }
  return {
    setting,
    code: (samples) =>
      timed(
        () => encode(samples),
        decode,
        (code) => code.length,
      ),
  }
}

const qualities =
  (levels: number[], toFormat: (image: Sharp, quality: number) => Sharp) => (shape: ImageShape) =>
    levels.map((quality) => sharpSetting(shape, `q${quality}`, (image) => toFormat(image, quality)))

export const png: Baseline = {
  codec: 'PNG',
  note: 'lossless, and palettes by libimagequant',
  settings: (shape) => [
    ...[2, 4, 16].map((colours) =>
      sharpSetting(shape, `${colours} colours`, (image) =>
        image.png({ palette: true, colours, effort: 10, dither: 0 }),
      ),
    ),
    sharpSetting(shape, 'lossless', (image) => image.png({ compressionLevel: 9 })),
  ],
}

export const jpeg: Baseline = {
  codec: 'JPEG',
  note: 'mozjpeg, 4:2:0',
  settings: qualities([1, 5, 10, 20, 30, 50, 75], (image, quality) => image.jpeg({ quality, mozjpeg: true })),
}

export const webp: Baseline = {
  codec: 'WebP',
  note: 'libwebp, effort 6',
  settings: qualities([1, 5, 10, 25, 50, 75], (image, quality) => image.webp({ quality, effort: 6 })),
}

export const avif: Baseline = {
  codec: 'AVIF',
  note: 'libaom, effort 4, 4:2:0',
  settings: qualities([1, 10, 20, 30, 50], (image, quality) =>
    image.avif({ quality, effort: 4, chromaSubsampling: '4:2:0' }),
  ),
}
