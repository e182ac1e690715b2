import { text } from './elements.ts'

interface Endings {
  failed?: () => void
  /** After success and failure alike, unless another wish came. */
  settled?: () => void
}

/** Runs what the visitor asks for, and aborts what still runs of the wish before. #problem says what went wrong. */
export function latestWish({ failed, settled }: Endings) {
  let work = new AbortController()
  return async (wish: (signal: AbortSignal) => Promise<void>): Promise<void> => {
    work.abort()
    work = new AbortController()
    const { signal } = work
    try {
      await wish(signal)
      if (!signal.aborted) text('problem').hidden = true
    } catch (error) {
      if (signal.aborted) return
      text('problem').textContent = error instanceof Error ? error.message : String(error)
      text('problem').hidden = false
      failed?.()
    } finally {
      if (!signal.aborted) settled?.()
    }
  }
}
