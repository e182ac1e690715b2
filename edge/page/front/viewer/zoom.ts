/** Zooming the compared pictures: by the slider, the wheel, or a double click; dragging moves them. */
import { input, text } from '../../common/elements.ts'

let x = 0
let y = 0

const scale = () => Number(input('zoom').value)

export function unzoom(): void {
  input('zoom').value = '1'
  apply()
}

export function startZoom(): void {
  input('zoom').addEventListener('input', apply)
  const sides = text('sides')
  sides.addEventListener('wheel', (event) => {
    event.preventDefault()
    zoomTo(scale() * (event.deltaY < 0 ? 1.2 : 1 / 1.2))
  })
  sides.addEventListener('dblclick', () => zoomTo(scale() > 1 ? 1 : 3))
  sides.addEventListener('pointermove', (event) => {
    if (event.buttons !== 1 || scale() === 1) return
    x += event.movementX
    y += event.movementY
    apply()
  })
}

function zoomTo(wanted: number): void {
  input('zoom').value = String(wanted)
  apply()
}

function apply(): void {
  const { clientWidth, clientHeight } = text('sides')
  const within = (offset: number, side: number) =>
    Math.max(-0.5, Math.min(0.5, offset / (side * (scale() - 1) || 1))) * side * (scale() - 1)
  x = within(x, clientWidth)
  y = within(y, clientHeight)
  const { style } = text('swipe')
  style.setProperty('--zoom', String(scale()))
  style.setProperty('--x', `${x}px`)
  style.setProperty('--y', `${y}px`)
}
