/** Draws previews without holding up the page: those in sight first, in turns of a few milliseconds. */
import { decode } from '../../shared/preview/preview.ts'

interface Wish {
  element: Element
  code: string
  canvas: HTMLCanvasElement
  isWanted: () => boolean
}

/** Well below the 50 ms of a long task, and half of a frame. */
const TURN_MS = 8

const waiting = new Set<Wish>()
const inSight = new WeakSet<Element>()
let isDrawing = false
let observer: IntersectionObserver | undefined

/** Queues a drawing; `isWanted` is asked again just before. */
export function whenDrawn(
  element: Element,
  code: string,
  canvas: HTMLCanvasElement,
  isWanted: () => boolean,
): void {
  waiting.add({ element, code, canvas, isWanted })
  observer ??= new IntersectionObserver(noteSight, { rootMargin: '25%' })
  observer.observe(element)
  if (!isDrawing) drawAll()
}

function noteSight(entries: IntersectionObserverEntry[]): void {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting) inSight.add(target)
    observer!.unobserve(target)
  }
}

async function drawAll(): Promise<void> {
  isDrawing = true
  await nextTurn()
  while (waiting.size > 0) {
    const startedMs = performance.now()
    for (const wish of inOrder()) {
      waiting.delete(wish)
      if (wish.isWanted()) draw(wish)
      if (performance.now() - startedMs > TURN_MS) break
    }
    await nextTurn()
  }
  isDrawing = false
}

function inOrder(): Wish[] {
  const all = [...waiting]
  return [
    ...all.filter(({ element }) => inSight.has(element)),
    ...all.filter(({ element }) => !inSight.has(element)),
  ]
}

/** What is no code leaves the canvas empty, and the element marked. */
function draw({ element, code, canvas }: Wish): void {
  try {
    const { width, height, rgba } = decode(code)
    canvas.width = width
    canvas.height = height
    canvas.getContext('2d')!.putImageData(new ImageData(rgba, width, height), 0, 0)
    element.removeAttribute('invalid')
  } catch {
    canvas.width = 0
    element.setAttribute('invalid', '')
  }
}

/** After what the browser has to do first: no timer's delay of 4 ms, and no waiting for a frame that a hidden tab never draws. */
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
