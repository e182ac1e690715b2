/** A command ends with the npm that started it, and what it started ends with it. */
import type { ChildProcess } from 'node:child_process'

const CHECK_EVERY_MS = 200
const SIGNALS = ['SIGINT', 'SIGTERM'] as const
type Signal = (typeof SIGNALS)[number]
const EXIT_STATUS: Record<Signal, number> = { SIGINT: 130, SIGTERM: 143 }

/**
 * npm runs a script by `sh -c` and passes signals to that shell. If the shell does not exec the command (Debian's dash
 * does not), the signal kills the shell and leaves the command running, its port taken. So a command that npm started
 * and that has lost its parent sends the signal to itself. Can go once npm signals the whole process group.
 */
export function endWithNpm(): void {
  if (process.env.npm_lifecycle_event === undefined) return // started by hand: it may outlive its shell
  const parent = process.ppid
  let isSignalled = false // a terminal's Ctrl-C reaches the shell and the command: it is ending already
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    if (!isSignalled) process.kill(process.pid, 'SIGTERM')
  }, CHECK_EVERY_MS)
  timer.unref()
  const note = (signal: Signal) => {
    isSignalled = true
    if (process.listenerCount(signal) > 1) return
    process.off(signal, note) // nobody else listens: let it end the process as it would without us
    process.kill(process.pid, signal)
  }
  for (const signal of SIGNALS) process.on(signal, note)
}

const children = new Set<ChildProcess>()

/** The child is killed when this process exits, also by SIGINT or SIGTERM. */
export function killAtExit<Child extends ChildProcess>(child: Child): Child {
  if (children.size === 0) {
    process.on('exit', killChildren)
    for (const signal of SIGNALS) process.on(signal, exitBy)
  }
  children.add(child)
  child.once('exit', () => forget(child))
  return child
}

const exitBy = (signal: Signal) => process.exit(EXIT_STATUS[signal])

function killChildren(): void {
  for (const child of children) child.kill('SIGKILL')
}

function forget(child: ChildProcess): void {
  children.delete(child)
  if (children.size > 0) return
  process.off('exit', killChildren)
  for (const signal of SIGNALS) process.off(signal, exitBy)
}
