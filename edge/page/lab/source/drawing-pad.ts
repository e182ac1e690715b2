/** A pad to draw a digit on, by pointer or keyboard; gives it as MNIST has its digits: white on black, 28x28. */
import { button, canvas } from '../../common/elements.ts'

const SIDE = 28
/** A digit's longer side, and where its centre of mass goes, in the 28x28 image (LeCun et al. 1998). */
const DIGIT_SIDE = 20
const PEN_WIDTH = 24
const STEP = 10

interface Point {
  x: number
  y: number
}

export function startDrawingPad(onDigit: (png: Blob) => void): void {
  const pad = canvas('pad')
  const context = pad.getContext('2d', { willReadFrequently: true })!
  const ink = new OffscreenCanvas(pad.width, pad.height)
  const strokes = ink.getContext('2d', { willReadFrequently: true })!
  const pen = { x: pad.width / 2, y: pad.height / 4, down: false }
  strokes.lineCap = 'round'
  strokes.lineJoin = 'round'
  strokes.lineWidth = PEN_WIDTH
  strokes.strokeStyle = '#fff'

  const show = () => {
    context.fillStyle = '#000'
    context.fillRect(0, 0, pad.width, pad.height)
    context.drawImage(ink, 0, 0)
    if (document.activeElement === pad && pad.matches(':focus-visible')) drawPen(context, pen)
  }
  const clear = () => {
    strokes.clearRect(0, 0, pad.width, pad.height)
    show()
  }
  const line = (from: Point, to: Point) => {
    strokes.beginPath()
    strokes.moveTo(from.x, from.y)
    strokes.lineTo(to.x, to.y)
    strokes.stroke()
    show()
  }
  const finish = async () => {
    const digit = centreDigit(ink)
    if (digit) onDigit(await digit.convertToBlob({ type: 'image/png' }))
  }
  drawByPointer(pad, line, finish)
  drawByKeyboard(pad, pen, line, show, finish)
  for (const event of ['focus', 'blur']) pad.addEventListener(event, show)
  button('pad-clear').addEventListener('click', clear)
  clear()
}

function drawByPointer(pad: HTMLCanvasElement, line: (from: Point, to: Point) => void, finish: () => void) {
  let last: Point | undefined
  const place = (event: PointerEvent): Point => {
    const box = pad.getBoundingClientRect()
    return {
      x: ((event.clientX - box.left) * pad.width) / box.width,
      y: ((event.clientY - box.top) * pad.height) / box.height,
    }
  }
  pad.addEventListener('pointerdown', (event) => {
    pad.setPointerCapture(event.pointerId)
    last = place(event)
    line(last, last)
  })
  pad.addEventListener('pointermove', (event) => {
    if (!last) return
    for (const each of event.getCoalescedEvents?.() ?? [event]) {
      const next = place(each)
      line(last, next)
      last = next
    }
  })
  for (const end of ['pointerup', 'pointercancel'] as const)
    pad.addEventListener(end, () => {
      if (last) finish()
      last = undefined
    })
}

const MOVES: Record<string, [number, number]> = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP],
  ArrowDown: [0, STEP],
}

function drawByKeyboard(
  pad: HTMLCanvasElement,
  pen: Point & { down: boolean },
  line: (from: Point, to: Point) => void,
  show: () => void,
  finish: () => void,
) {
  pad.addEventListener('keydown', (event) => {
    const move = MOVES[event.key]
    if (!move && event.key !== ' ') return
    event.preventDefault()
    const from = { ...pen }
    if (move) {
      pen.x = Math.min(pad.width, Math.max(0, pen.x + move[0]))
      pen.y = Math.min(pad.height, Math.max(0, pen.y + move[1]))
    } else pen.down = !pen.down
    if (pen.down) line(from, pen)
    else show()
    if (!move && !pen.down) finish()
  })
}

function drawPen(context: CanvasRenderingContext2D, { x, y, down }: Point & { down: boolean }) {
  context.beginPath()
  context.arc(x, y, PEN_WIDTH / 2, 0, 2 * Math.PI)
  context.lineWidth = 3
  context.strokeStyle = down ? '#ff9c52' : '#6f9bff'
  context.stroke()
}

/** The drawing as an MNIST image: scaled into 20x20, its centre of mass in the middle of 28x28. */
function centreDigit(ink: OffscreenCanvas): OffscreenCanvas | undefined {
  const box = inkBox(ink)
  if (!box) return undefined
  const scale = DIGIT_SIDE / Math.max(box.width, box.height)
  const digit = new OffscreenCanvas(SIDE, SIDE)
  const context = digit.getContext('2d')!
  context.fillStyle = '#000'
  context.fillRect(0, 0, SIDE, SIDE)
  context.imageSmoothingQuality = 'high'
  const left = SIDE / 2 - scale * (box.massX - box.x)
  const top = SIDE / 2 - scale * (box.massY - box.y)
  context.drawImage(
    ink,
    box.x,
    box.y,
    box.width,
    box.height,
    left,
    top,
    scale * box.width,
    scale * box.height,
  )
  return digit
}

function inkBox(ink: OffscreenCanvas) {
  const { data } = ink.getContext('2d')!.getImageData(0, 0, ink.width, ink.height)
  let [left, top, right, bottom, mass, sumX, sumY] = [ink.width, ink.height, -1, -1, 0, 0, 0]
  for (let y = 0; y < ink.height; y++)
    for (let x = 0; x < ink.width; x++) {
      const alpha = data[4 * (y * ink.width + x) + 3]
      if (alpha === 0) continue
      left = Math.min(left, x)
      right = Math.max(right, x)
      top = Math.min(top, y)
      bottom = Math.max(bottom, y)
      mass += alpha
      sumX += alpha * (x + 0.5)
      sumY += alpha * (y + 0.5)
    }
  if (mass === 0) return undefined
  return {
    x: left,
    y: top,
    width: right - left + 1,
    height: bottom - top + 1,
    massX: sumX / mass,
    massY: sumY / mass,
  }
}
