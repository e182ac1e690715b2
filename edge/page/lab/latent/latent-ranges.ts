/** What values the latent numbers take, read from the model's entropy tables. */
import { COST_UNITS_PER_BIT, type SymbolTables } from '../../../../shared/codec/entropy/symbols.ts'
import { dequantize } from '../../../../shared/codec/quantize/quantizer.ts'
import { nextState, quantizerOf, symbolValue } from '../../../../shared/codec/quantize/trellis.ts'
import type { Decoder } from '../engine.ts'

/** A symbol that costs more than this in every component is rare: one image in 4096 has it. */
const RARE_BITS = 12
const MAX_SYMBOL = 512

/** For each dimension the largest magnitude that the numbers commonly have at the model's finest rate. [latent] */
export function latentRanges({ manifest, entropyModel }: Decoder): number[] {
  const level = manifest.levels.length - 1
  const tables = entropyModel.level(level)
  return manifest.levels[level].steps.map((step, dimension) => {
    let symbol = MAX_SYMBOL
    while (symbol > 1 && isRare(tables, dimension, symbol) && isRare(tables, dimension, -symbol)) symbol--
    return symbolValue(0, symbol) * step
  })
}

function isRare(tables: SymbolTables, dimension: number, symbol: number): boolean {
  for (let component = 0; component < tables.components; component++)
    if (tables.cost(component, dimension, 0, symbol) < RARE_BITS * COST_UNITS_PER_BIT) return false
  return true
}

/** A latent drawn from the entropy model: what the codec takes for a likely image. */
export function randomLatent({ manifest, entropyModel }: Decoder, level: number): Float32Array {
  const tables = entropyModel.level(level)
  const component = drawComponent(tables, manifest.latent)
  const symbols = new Int32Array(manifest.latent)
  for (let d = 0, state = 0; d < symbols.length; d++) {
    symbols[d] = drawSymbol(tables, component, d, quantizerOf(state))
    state = nextState(state, symbols[d])
  }
  const latent = new Float32Array(symbols.length)
  dequantize(symbols, manifest.levels[level], latent)
  return latent
}

const probability = (cost: number) => 2 ** (-cost / COST_UNITS_PER_BIT)

/** A component, as often as the model's images name it. */
function drawComponent(tables: SymbolTables, latents: number): number {
  const zero = new Int32Array(latents)
  let rest = Math.random()
  for (let component = 0; component < tables.components; component++) {
    let cost = tables.latentCost(component, zero)
    for (let d = 0; d < latents; d++) cost -= tables.cost(component, d, 0, 0)
    rest -= probability(cost)
    if (rest <= 0) return component
  }
  return 0
}

function drawSymbol(tables: SymbolTables, component: number, dimension: number, quantizer: number): number {
  let rest = Math.random()
  for (let magnitude = 0; magnitude < MAX_SYMBOL; magnitude++)
    for (const symbol of magnitude ? [magnitude, -magnitude] : [0]) {
      rest -= probability(tables.cost(component, dimension, quantizer, symbol))
      if (rest <= 0) return symbol
    }
  return 0
}
