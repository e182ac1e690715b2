/** `latent64/decode`: codes -> pixels, data URLs, gradients and colours, in every runtime and without dependencies. */
export { fromBase64Url, toBase64Url } from '../../shared/codec/container/base64url.ts'
export { CodecError } from '../../shared/codec/errors.ts'
export { toDataURL } from '../../shared/preview/html/data-url.ts'
export { toGradient } from '../../shared/preview/html/gradient.ts'
export {
  aspectRatio,
  averageColor,
  decode,
  hasAlpha,
  type PreviewImage,
} from '../../shared/preview/preview.ts'
