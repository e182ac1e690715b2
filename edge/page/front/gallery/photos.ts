/** The front page's photographs; `npm run page:gallery` writes them. */
import photographs from './photos.generated.json' with { type: 'json' }

/** Every placeholder in at most 32 bytes, except WebP, whose smallest take more. */
export interface GalleryPhoto {
  name: string
  width: number
  height: number
  color: string
  /** base64url */
  code: string
  /** base64 */
  chromaHash: string
  thumbHash: string
  webp: string
  blurHash: string
}

export const photos: readonly GalleryPhoto[] = photographs

export const photoUrl = ({ name }: Pick<GalleryPhoto, 'name'>) =>
  `/static/page/front/gallery/photos/${name}.webp`
