/** The result of `work`, or undefined if it throws an error of that kind. Any other error fails the test. */
export function unlessRefused<T>(kind: new (...args: never[]) => Error, work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (error instanceof kind) return undefined
    throw error
  }
}
