import { InvalidArgumentError } from 'commander'
import type { OutputSize } from './formats.ts'

export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('expected a whole number')
  return Number(text)
}

export function positiveNumber(text: string): number {
  const value = wholeNumber(text)
  if (value === 0) throw new InvalidArgumentError('expected at least 1')
  return value
}

export function decibels(text: string): number {
  if (!/^\d{1,3}(\.\d+)?$/.test(text)) throw new InvalidArgumentError('expected decibels such as 24.5')
  return Number(text)
}

export function outputSize(text: string): OutputSize {
  if (text === 'model' || text === 'original') return text
  const [, width, height] = /^([1-9]\d{0,4})x([1-9]\d{0,4})$/.exec(text) ?? []
  if (height === undefined)
    throw new InvalidArgumentError('expected model, original, or WIDTHxHEIGHT such as 320x200')
  return { width: Number(width), height: Number(height) }
}

/** How many images a second, for the last line of a run. */
export const seconds = (sinceMs: number) => `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`

export const count = (value: number, one: string) =>
  `${value.toLocaleString('en')} ${one}${value === 1 ? '' : 's'}`
