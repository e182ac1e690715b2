import { expect, test } from 'vitest'
import { checkMemory, memoryOfRun } from '../../train/memory.ts'
import { presets } from '../../train/presets.ts'
import { applyFlags, type SettingFlags, startingPoint } from '../../train/settings-from-flags.ts'

const settingsOf = (flags: SettingFlags) => applyFlags(startingPoint(flags), flags)
const photographs = (side: number, flags: SettingFlags = {}) =>
  settingsOf({ data: 'photographs', size: { height: side, width: side }, ...flags })
const colour = (side: number) => ({ height: side, width: side, channels: 3 as const })

test('with default networks every size up to 256x256 in colour fits in 4 GB, on every backend', () => {
  for (const side of [16, 32, 64, 96, 128, 192, 256])
    for (const families of [
      {},
      { encoder: 'cnn', decoder: 'cnn' },
      { encoder: 'gru', decoder: 'gru' },
    ] as const)
      for (const backend of ['wasm', 'tensorflow', 'webgpu'] as const)
        expect(memoryOfRun(photographs(side, families), colour(side), backend).totalBytes).toBeLessThan(4e9)
})

test('a run that does not fit is refused with what to change', () => {
  const wide = photographs(256, { encoderWidths: [1024], decoderWidths: [1024] })
  expect(() => checkMemory(wide, colour(256), 'wasm', 16e9)).toThrow(
    /images of 256x256x3 takes about \d+\.\d GB.*3\.6 GB are available on the wasm backend.*--encoder-widths 32/,
  )
  const many = photographs(64, { batch: 16_384 })
  expect(() => checkMemory(many, colour(64), 'tensorflow', 8e9)).toThrow(/a smaller --batch than 16384/)
})

test('the shipped recipes fit', () => {
  checkMemory(presets.mnist, { height: 28, width: 28, channels: 1 }, 'wasm', 4e9)
  checkMemory(presets.photo, colour(32), 'wasm', 4e9)
  checkMemory(presets.preview, colour(32), 'wasm', 4e9)
})
