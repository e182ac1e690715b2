/** Which codecs each comparison shows, and what people chose. */
export interface Named {
  codec: string
  setting: string
  bytes: number
}

export interface Key {
  kind: 'blind-key'
  trials: Record<string, { left: Named; right: Named }>
}

export interface Results {
  kind: 'blind-results'
  choices: { id: string; choice: 'left' | 'right' | 'neither' }[]
}

/** How often each codec was chosen, was not chosen, or neither was. */
export type Tally = Record<string, { chosen: number; notChosen: number; neither: number }>

/** Throws if a result belongs to no comparison of this key. */
export function tally(key: Key, results: Results[]): Tally {
  const all: Tally = {}
  for (const { id, choice } of results.flatMap(({ choices }) => choices)) {
    const trial = Object.hasOwn(key.trials, id) ? key.trials[id] : undefined
    if (!trial) throw new Error(`comparison ${id} is not in this key`)
    for (const side of ['left', 'right'] as const) {
      const { codec, setting } = trial[side]
      const name = `${codec} ${setting}, beside ${trial[side === 'left' ? 'right' : 'left'].codec}`
      all[name] ??= { chosen: 0, notChosen: 0, neither: 0 }
      all[name][choice === 'neither' ? 'neither' : choice === side ? 'chosen' : 'notChosen']++
    }
  }
  return all
}
