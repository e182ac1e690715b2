/** Extensions taken from folders. */
const EXTENSIONS = new Set([
  '.png',
  '.jpg',
  '.jpeg',
  '.webp',
  '.gif',
  '.avif',
  '.tif',
  '.tiff',
  '.svg',
  '.raw',
])

export const isImageExtension = (extension: string) => EXTENSIONS.has(extension)
