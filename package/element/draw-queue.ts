/** Draws previews without blocking the page: visible ones first, in turns of a few milliseconds. */
import { decode, type PreviewImage } from '../../shared/preview/preview.ts'

export interface Wish {
  element: Element
  code: string
  canvas: HTMLCanvasElement
  /** Called just before it is drawn. */
  isWanted: () => boolean
  /** Whether the drawing is still visible. */
  isSeen: () => boolean
  /** `isCode`: false if it is not a code, and the canvas stays empty. */
  onDrawn: (isCode: boolean) => void
}

/** Well below a long task's 50 ms, and half a frame. */
const TURN_MS = 8

const inSight = new Map<Element, Wish>()
const elsewhere = new Map<Element, Wish>()
let isDrawing = false
let observer: IntersectionObserver | undefined

/** Queues a drawing, replacing the one that the element waits for. */
export function queueDrawing(wish: Wish): void {
  observer ??= new IntersectionObserver(noteSight, { rootMargin: '25%' })
  if (inSight.has(wish.element)) inSight.set(wish.element, wish)
  else {
    elsewhere.set(wish.element, wish)
    observer.observe(wish.element)
  }
  if (!isDrawing) drawAll()
}

function noteSight(entries: IntersectionObserverEntry[]): void {
  for (const { target, isIntersecting } of entries) {
    const wish = elsewhere.get(target)
    if (wish && isIntersecting) {
      elsewhere.delete(target)
      inSight.set(target, wish)
    }
    observer!.unobserve(target)
  }
}

async function drawAll(): Promise<void> {
  isDrawing = true
  for (let left = true; left; ) {
    await nextTurn()
    left = drawForATurn()
  }
  isDrawing = false
}

/** Returns false if nothing is left. */
function drawForATurn(): boolean {
  const endMs = performance.now() + TURN_MS
  do {
    const wish = takeNext()
    if (!wish) return false
    if (wish.isWanted()) draw(wish)
  } while (performance.now() < endMs)
  return true
}

function takeNext(): Wish | undefined {
  const queue = inSight.size > 0 ? inSight : elsewhere
  const [wish] = queue.values()
  if (wish) queue.delete(wish.element)
  return wish
}

function draw(wish: Wish): void {
  const { code, canvas, onDrawn } = wish
  try {
    show(canvas, decode(code))
    onDrawn(true)
  } catch {
    canvas.width = 0
    onDrawn(false)
    return
  }
  if (isLong(code)) sharpen(wish)
}

function show(canvas: HTMLCanvasElement, { width, height, rgba }: PreviewImage): void {
  canvas.width = width
  canvas.height = height
  canvas.getContext('2d')!.putImageData(new ImageData(rgba, width, height), 0, 0)
}

/** In base64url: its first two bits are 01. */
const isLong = (code: string) => /^[Q-Za-f]/.test(code)

/** Draws what a long code has beyond its preview, by the larger decoder; if that cannot be loaded, the preview stays. */
async function sharpen({ code, canvas, isSeen }: Wish): Promise<void> {
  try {
    const { decodeLong } = await import('../long/long.ts')
    await nextTurn()
    if (isSeen()) show(canvas, await decodeLong(code))
  } catch {}
}

/** Yields to the browser, without a timer's delay of 4 ms and without waiting for a frame, which a hidden tab never draws. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(null)
  })
}
