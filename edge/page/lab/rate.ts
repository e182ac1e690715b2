/** The rate control: at most a number of bytes, or the model's default until it is touched. */
import type { Manifest } from '../../../shared/manifest.ts'
import { button, input, text } from '../common/elements.ts'

let bound: number | undefined
/** The caller's bound in bytes; undefined: the model's default level. */
export const maxBytes = () => bound

export function startRate(onChange: () => void): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  input('rate').addEventListener('input', () => {
    bound = Number(input('rate').value)
    button('rate-default').disabled = false
    showValue()
    clearTimeout(timer)
    timer = setTimeout(onChange, 80)
  })
  button('rate-default').addEventListener('click', () => {
    resetRate()
    input('rate').focus()
    onChange()
  })
}

export function resetRate(): void {
  bound = undefined
  button('rate-default').disabled = true
}

/** The slider's ends for a model: somewhat beyond what its levels take on average. */
export function showRates({ levels }: Manifest): void {
  const means = levels.map(({ meanBytes }) => meanBytes)
  input('rate').min = String(Math.max(5, Math.floor(Math.min(...means) * 0.7)))
  input('rate').max = String(Math.ceil(Math.max(...means) * 1.4))
}

/** The picture shown has no code below this: the slider ends here. */
export function raiseRate(smallestBytes: number): void {
  bound = smallestBytes
  input('rate').min = String(smallestBytes)
  input('rate').value = String(smallestBytes)
}

/** At the default rate the slider stands where the code came out. */
export function showRate(totalBytes: number): void {
  if (bound === undefined) {
    input('rate').max = String(Math.max(Number(input('rate').max), totalBytes))
    input('rate').value = String(totalBytes)
  }
  showValue()
}

function showValue(): void {
  text('rate-label').textContent = bound === undefined ? "The model's usual rate" : `At most ${bound} bytes`
}
