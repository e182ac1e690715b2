import type { Random } from '../random.ts'

export const corruptions = ['gaussian', 'masking', 'salt-and-pepper'] as const

export interface Corruption {
  kind: (typeof corruptions)[number]
  /** gaussian: standard deviation on [0,1] samples; else: the share of samples that are hit. */
  amount: number
}

export const defaultAmount: Record<Corruption['kind'], number> = {
  gaussian: 0.3,
  masking: 0.5,
  'salt-and-pepper': 0.3,
}

/** Corrupts samples in [0,1] in place. */
export function corrupt({ kind, amount }: Corruption, samples: Float32Array, random: Random): void {
  for (let i = 0; i < samples.length; i++) {
    if (kind === 'gaussian') samples[i] += amount * random.normal()
    else if (random.uniform() < amount) samples[i] = kind === 'masking' || random.uniform() < 0.5 ? 0 : 1
  }
}
