import type { Reporter, TestModule } from 'vitest/node'

/** Ends the run with its count alone on a line, as CI reads it: `N passed, N failed`. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 }
    let brokenFiles = 0
    for (const module of modules) {
      for (const test of module.children.allTests()) counts[test.result().state]++
      if (module.errors().length > 0) brokenFiles++
    }
    const failed = counts.failed + counts.pending + brokenFiles + unhandledErrors.length
    // The other reporters end their lines late; this one comes last.
    setImmediate(() => {
      if (counts.skipped > 0) console.log(`\n${counts.skipped} skipped: what they need is not here`)
      console.log(`\n${counts.passed} passed, ${failed} failed`)
    })
  }
}
