export const compressFormats = ['binary', 'base64url', 'json'] as const
export type CompressFormat = (typeof compressFormats)[number]

export const decompressFormats = ['png', 'raw'] as const
export type DecompressFormat = (typeof decompressFormats)[number]

/** The model's own size, the original image's, or one given in pixels. */
export type OutputSize = 'model' | 'original' | { width: number; height: number }
