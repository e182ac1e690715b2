export type Kind = 'latent64' | 'chromahash' | 'thumbhash' | 'blurhash' | 'webp' | 'photograph'

export const kinds: readonly { kind: Kind; name: string; note: string }[] = [
  { kind: 'latent64', name: 'Latent64', note: 'At most 32 bytes each, 43 characters as text.' },
  { kind: 'chromahash', name: 'ChromaHash', note: 'Its standard tier: 32 bytes.' },
  { kind: 'thumbhash', name: 'ThumbHash', note: 'Its only size: 21 to 25 bytes.' },
  { kind: 'blurhash', name: 'BlurHash', note: '4 × 4 components: 36 characters, 28.7 bytes of information.' },
  { kind: 'webp', name: 'WebP', note: 'It cannot be had in 32 bytes: these are of 16 pixels, in 60 to 80.' },
  { kind: 'photograph', name: 'Photograph', note: 'The photographs themselves.' },
]
