/** `latent64` in browsers and workers, where it cannot read files or start threads: each function says what to use. */
const INSTEAD =
  'latent64 compresses in Node, Bun and Deno; here, latent64/decode draws codes, and the service’s POST /compress makes them'

const refuse = async (): Promise<never> => {
  throw new Error(INSTEAD)
}

export const compress = refuse
export const compressAll = refuse
export const decompress = refuse
