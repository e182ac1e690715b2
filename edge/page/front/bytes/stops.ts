/** Where the slider stands: from a placeholder to a photograph. */
export const STOPS = [
  ...[16, 20, 24, 28, 32, 40, 48, 64, 80, 96, 128, 192, 256, 384, 512, 768],
  ...[1024, 1536, 2048, 3072, 4096, 6144, 8192, 12_288, 16_384, 20_000],
]
export const MOST_BYTES = STOPS.at(-1)!
/** Those at which the first photograph has a WebP and an AVIF in the gallery. */
export const RIVAL_STOPS = STOPS.filter((bytes) => bytes >= 256)

export const RIVALS = ['webp', 'avif'] as const
export type Rival = (typeof RIVALS)[number]
