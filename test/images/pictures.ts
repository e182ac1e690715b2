/** Pictures for the tests of image formats: made here, encoded by sharp. */
import sharp, { type Sharp } from 'sharp'

export interface Picture {
  data: Uint8Array // [height, width, channels]
  width: number
  height: number
  channels: 1 | 2 | 3 | 4
}

/** Waves, edges and a little noise, different in each channel; the last of 2 or 4 channels is alpha. */
export function picture(width: number, height: number, channels: Picture['channels']): Picture {
  const data = new Uint8Array(width * height * channels)
  let random = 7
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++, i++) {
        random = (random * 1103515245 + 12345) & 0x7fffffff
        const waves = 60 * Math.sin((x * 9) / width + c) + 50 * Math.cos((y * 7 * (c + 1)) / height)
        const squares = 20 * (((x >> 4) ^ (y >> 4)) & 1)
        data[i] = Math.max(0, Math.min(255, 128 + waves + squares + ((random >> 16) % 17) - 8))
      }
    }
  }
  return { data, width, height, channels }
}

/** For sharp, with grey kept as grey (it would write RGB). */
export function sharpOf({ data, width, height, channels }: Picture): Sharp {
  const image = sharp(data, { raw: { width, height, channels } })
  return channels <= 2 ? image.toColourspace('b-w') : image
}

/** 8-bit RGB of an encoded image as sharp sees it: orientation applied, transparency on white. */
export async function rgbBySharp(bytes: Uint8Array): Promise<Picture> {
  const { data, info } = await sharp(bytes)
    .autoOrient()
    .flatten({ background: '#fff' })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
  return {
    data: new Uint8Array(data),
    width: info.width,
    height: info.height,
    channels: info.channels as 1 | 3,
  }
}
