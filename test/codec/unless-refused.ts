/** What `work` gives, or undefined if it throws an error of that kind. Any other error is the test's. */
export function unlessRefused<T>(kind: new (...args: never[]) => Error, work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (error instanceof kind) return undefined
    throw error
  }
}
