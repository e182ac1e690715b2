import { Presets, SingleBar } from 'cli-progress'

export interface Progress {
  advance(count?: number): void
  stop(): void
}

/** A progress bar with ETA on standard error; nothing where that is no terminal, so that logs stay readable. */
export function startProgress(label: string, total: number): Progress {
  if (!process.stderr.isTTY || total < 2) return { advance() {}, stop() {} }
  const format = `${label} {bar} {value}/{total} ETA {eta_formatted}`
  const bar = new SingleBar(
    { format, stream: process.stderr, hideCursor: true, etaBuffer: 200 },
    Presets.shades_classic,
  )
  bar.start(total, 0)
  return { advance: (count = 1) => bar.increment(count), stop: () => bar.stop() }
}
