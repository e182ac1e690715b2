/**
 * `latent64/react`: an <img> that shows a code's picture until the photograph has loaded. It renders on the server too,
 * needs no effect and no state, and no script in the browser.
 */
import {
  createElement,
  type DetailedHTMLProps,
  type HTMLAttributes,
  type ImgHTMLAttributes,
  type ReactElement,
} from 'react'
import { CodecError } from '../../shared/codec/errors.ts'
import { toDataURL } from '../../shared/preview/html/data-url.ts'
import { hasAlpha } from '../../shared/preview/preview.ts'

export interface LatentImageProps extends ImgHTMLAttributes<HTMLImageElement> {
  /** base64url */
  code: string
}

export type LatentImageElementProps = DetailedHTMLProps<
  HTMLAttributes<HTMLElement> & { code?: string },
  HTMLElement
>

/** `<latent-image>` in JSX, for TypeScript. */
declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'latent-image': LatentImageElementProps
    }
  }
}

/** Give it `width` and `height` too, so that nothing moves when the photograph loads. An invalid code shows no preview. */
export function LatentImage({ code, style, ...image }: LatentImageProps): ReactElement {
  return createElement('img', { ...image, style: { ...previewStyle(code), ...style } })
}

/** Codes with transparency show no preview, since it would shine through the photograph. */
function previewStyle(code: string) {
  try {
    if (hasAlpha(code)) return {}
    return {
      backgroundImage: `url(${toDataURL(code)})`,
      backgroundSize: 'cover',
      backgroundPosition: 'center',
    }
  } catch (error) {
    if (error instanceof CodecError) return {}
    throw error
  }
}
