import { expect, test } from 'vitest'
import { ComponentSearch } from '../../shared/codec/entropy/component-search.ts'

const LATENTS = 5

/** Costs that look random, the same each time; symbols far out cost more than the small ones ever do. */
function tablesOf(components: number) {
  const mixed = (...values: number[]) =>
    values.reduce((hash, value) => Math.imul(hash ^ (value + 97), 0x01000193) >>> 0, 0x811c9dc5)
  const turnCost = (component: number, turn: number, symbol: number) => mixed(component, turn, symbol) % 4000
  return {
    components,
    turnCost,
    componentCost: (component: number) => mixed(component) % 1000,
    turnCosts(turn: number, symbol: number, costs: Uint16Array, at: number) {
      for (let component = 0; component < components; component++)
        costs[at + component] = turnCost(component, turn, symbol)
    },
  }
}

test('the component found is the first of those that cost least, whatever the number of components, costs known ahead or not', async () => {
  for (const components of [1, 3, 4, 30, 64]) {
    const tables = tablesOf(components)
    const fresh = new ComponentSearch(tables, LATENTS, 2 * LATENTS)
    const knowing = new ComponentSearch(tables, LATENTS, 2 * LATENTS)
    const costs = new ComponentSearch(tables, LATENTS, 2 * LATENTS).smallCosts()
    await knowing.readSmallCosts(async (known) => known.set(costs))
    for (let image = 0; image < 200; image++) {
      const turns = Uint16Array.from({ length: LATENTS }, (_, d) => 2 * d + ((image >> d) & 1))
      const symbols = Int32Array.from({ length: LATENTS }, (_, d) => ((image * (d + 7)) % 101) - 50)
      const costs = Array.from({ length: components }, (_, component) =>
        turns.reduce(
          (sum, turn, d) => sum + tables.turnCost(component, turn, symbols[d]),
          tables.componentCost(component),
        ),
      )
      const best = costs.indexOf(Math.min(...costs))
      expect(fresh.best(turns, symbols)).toBe(best)
      expect(knowing.best(turns, symbols)).toBe(best)
    }
  }
})
