import { InvalidArgumentError } from 'commander'

export const compressFormats = ['binary', 'base64url', 'json'] as const
export type CompressFormat = (typeof compressFormats)[number]

export const decompressFormats = ['png', 'raw'] as const
export type DecompressFormat = (typeof decompressFormats)[number]

/** The model's own size, the original image's, or one given in pixels. */
export type OutputSize = 'model' | 'original' | { width: number; height: number }

export function outputSize(text: string): OutputSize {
  if (text === 'model' || text === 'original') return text
  const [, width, height] = /^([1-9]\d{0,4})x([1-9]\d{0,4})$/.exec(text) ?? []
  if (height === undefined)
    throw new InvalidArgumentError('expected model, original, or WIDTHxHEIGHT such as 320x200')
  return { width: Number(width), height: Number(height) }
}
