/** From what a visitor gives (file, clipboard, drop, drawing, example) to a picture the page can show and send. */

export interface Picture {
  /** As the visitor would name it in a command. */
  name: string
  /** What is sent: PNG, JPEG or WebP. */
  file: Blob
  bitmap: ImageBitmap
  /** What the visitor gave, which may be another file than the one that is sent. */
  given: { bytes: number; width: number; height: number }
}

const SENT_AS_IS = ['image/png', 'image/jpeg', 'image/webp']
/** The service's default limits; a larger image is made smaller here, on the visitor's machine. */
const MAX_FILE_BYTES = 10_000_000
const MAX_PIXELS = 16_000_000
const SIDE_WHEN_REDUCED = 1600

class NotAnImageError extends Error {
  override name = 'NotAnImageError'
}

export async function readPicture(file: Blob, name: string): Promise<Picture> {
  const bitmap = await readBitmap(file).catch(() => {
    throw new NotAnImageError(`${name} is not an image that this browser can read.`)
  })
  const given = { bytes: file.size, width: bitmap.width, height: bitmap.height }
  const fits = file.size <= MAX_FILE_BYTES && bitmap.width * bitmap.height <= MAX_PIXELS
  if (fits && SENT_AS_IS.includes(file.type)) return { name, file, bitmap, given }
  return { ...(await redraw(bitmap, name)), given }
}

/** By way of an element for what createImageBitmap can't: SVG. */
async function readBitmap(file: Blob): Promise<ImageBitmap> {
  if (file.type !== 'image/svg+xml') return createImageBitmap(file)
  const url = URL.createObjectURL(file)
  try {
    const image = new Image()
    image.src = url
    await image.decode()
    return await createImageBitmap(image, { resizeWidth: image.naturalWidth || SIDE_WHEN_REDUCED })
  } finally {
    URL.revokeObjectURL(url)
  }
}

/** Another format (AVIF, GIF, SVG, ...) or too large a file: sent as a PNG of at most 1600 pixels a side. */
export async function redraw(bitmap: ImageBitmap, name: string): Promise<Omit<Picture, 'given'>> {
  const scale = Math.min(1, SIDE_WHEN_REDUCED / Math.max(bitmap.width, bitmap.height))
  const surface = new OffscreenCanvas(
    Math.max(1, Math.round(bitmap.width * scale)),
    Math.max(1, Math.round(bitmap.height * scale)),
  )
  const context = surface.getContext('2d')!
  context.fillStyle = '#fff'
  context.fillRect(0, 0, surface.width, surface.height)
  context.imageSmoothingQuality = 'high'
  context.drawImage(bitmap, 0, 0, surface.width, surface.height)
  const file = await surface.convertToBlob({ type: 'image/png' })
  return { name: `${name.replace(/\.[^.]*$/, '')}.png`, file, bitmap: await createImageBitmap(file) }
}

export async function fetchPicture(url: string): Promise<Picture> {
  const response = await fetch(url)
  return readPicture(await response.blob(), url.split('/').at(-1)!)
}

/** Drops and pastes anywhere on the page. */
export function listenForPictures(onFile: (file: File) => void): void {
  addEventListener('paste', (event) => {
    const file = firstImage(event.clipboardData)
    if (file) onFile(file)
  })
  addEventListener('dragover', (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return
    event.preventDefault()
    document.body.classList.add('dropping')
  })
  addEventListener('dragleave', (event) => {
    if (!event.relatedTarget) document.body.classList.remove('dropping')
  })
  addEventListener('drop', (event) => {
    document.body.classList.remove('dropping')
    const file = event.dataTransfer?.files[0]
    if (!file) return
    event.preventDefault()
    onFile(file)
  })
}

function firstImage(data: DataTransfer | null): File | undefined {
  return [...(data?.files ?? [])].find((file) => file.type.startsWith('image/'))
}
