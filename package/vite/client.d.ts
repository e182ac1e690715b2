/** `/// <reference types="latent64/client" />`: the types of `import cat from './cat.jpg?latent64'`. */
declare module '*?latent64' {
  const photograph: {
    /** The photograph's URL. */
    src: string
    /** base64url */
    code: string
    /** The photograph's size, in pixels. */
    width: number
    height: number
    /** Its average, as #rrggbb. */
    color: string
    /** A WebP of at most 300 characters. */
    dataURL: string
  }
  export default photograph
}
