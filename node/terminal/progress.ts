import { Presets, SingleBar } from 'cli-progress'

export interface Progress {
  advance(count?: number): void
  stop(): void
}

/** How often a line is written if standard error is not a terminal. */
const LINE_EVERY_MS = 20_000

/** Progress on standard error, with ETA: a bar on a terminal, otherwise a line from time to time. */
export function startProgress(label: string, total: number): Progress {
  if (total < 2) return { advance() {}, stop() {} }
  return process.stderr.isTTY ? progressBar(label, total) : progressLines(label, total)
}

function progressBar(label: string, total: number): Progress {
  const format = `${label} {bar} {value}/{total} ETA {eta_formatted}`
  const bar = new SingleBar(
    { format, stream: process.stderr, hideCursor: true, etaBuffer: 200 },
    Presets.shades_classic,
  )
  bar.start(total, 0)
  return { advance: (count = 1) => bar.increment(count), stop: () => bar.stop() }
}

function progressLines(label: string, total: number): Progress {
  const startedMs = performance.now()
  let done = 0
  let writtenMs = startedMs
  return {
    advance(count = 1) {
      done += count
      const nowMs = performance.now()
      if (nowMs - writtenMs < LINE_EVERY_MS) return
      writtenMs = nowMs
      const etaSeconds = Math.round((((nowMs - startedMs) / done) * (total - done)) / 1000)
      process.stderr.write(`${label} ${done}/${total}, ETA ${etaSeconds} s\n`)
    },
    stop() {},
  }
}
