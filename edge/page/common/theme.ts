/** Light, dark, or as the system has it; the choice is remembered. */
import { button, text } from './elements.ts'

const ORDER = ['auto', 'light', 'dark'] as const
type Choice = (typeof ORDER)[number]

const dark = matchMedia('(prefers-color-scheme: dark)')
let choice: Choice = 'auto'

export const theme = (): 'light' | 'dark' => (choice === 'auto' ? (dark.matches ? 'dark' : 'light') : choice)

export function startTheme(onChange: () => void): void {
  show(ORDER.find((each) => each === remembered()) ?? 'auto')
  button('theme').addEventListener('click', () => {
    show(ORDER[(ORDER.indexOf(choice) + 1) % ORDER.length])
    remember(choice)
    onChange()
  })
  dark.addEventListener('change', onChange)
}

function show(next: Choice): void {
  choice = next
  document.documentElement.dataset.theme = next
  const name = next[0].toUpperCase() + next.slice(1)
  text('theme-name').textContent = name
  button('theme').setAttribute('aria-label', `Colours: ${name}. Press to change`)
}

/** A browser with all cookies blocked throws on any use of its storage. */
function remembered(): string | null {
  try {
    return localStorage.getItem('theme')
  } catch {
    return null
  }
}

function remember(value: Choice): void {
  try {
    localStorage.setItem('theme', value)
  } catch {
    // then the choice lasts as long as the page
  }
}
