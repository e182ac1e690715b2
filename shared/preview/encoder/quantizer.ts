/** One image's way to symbols when a code has a bound: what to aim at, and the symbols for a level and a weight. */
import type { SymbolModel } from '../../codec/entropy/symbols.ts'
import { dequantize, type ImageQuantizer, likelyComponent } from '../../codec/quantize/quantizer.ts'
import { withinReach } from '../../codec/quantize/reach.ts'
import type { Level, Manifest } from '../../manifest.ts'
import type { PreviewParameters } from '../parameters.ts'
import { aimAt } from './aim.ts'
import { Curvature } from './curvature.ts'
import { DistanceFrom } from './distance.ts'
import { PathSearch } from './path.ts'

interface Preview {
  manifest: Manifest
  preview: PreviewParameters
  entropyModel: SymbolModel
}

/** What all images of a model share. */
const kept = new WeakMap<PreviewParameters, { curvature: Curvature; search: PathSearch }>()

function sharedOf(parameters: PreviewParameters) {
  const shared = kept.get(parameters) ?? {
    curvature: new Curvature(parameters),
    search: new PathSearch(parameters.latents),
  }
  kept.set(parameters, shared)
  return shared
}

export class PreviewQuantizer implements ImageQuantizer {
  readonly distance: DistanceFrom
  /** In the coarsest level's quantization steps. [latents] */
  readonly aim: Float32Array
  readonly #model: Preview
  readonly #curvature: Curvature
  readonly #search: PathSearch
  /** Of each level, the best one for its last symbols. */
  readonly #components: number[] = []
  /** Of expectedDistance. [latents] */
  readonly #errors: Float32Array

  /** latent: the encoder's. */
  constructor(model: Preview, image: Uint8Array, latent: Float32Array) {
    this.distance = new DistanceFrom(image)
    this.#model = model
    const { curvature, search } = sharedOf(model.preview)
    this.#curvature = curvature
    this.#search = search
    this.#errors = new Float32Array(latent.length)
    this.aim = aimAt(model, this.distance, this.#curvature, latent)
  }

  readonly quantize = (at: number, distortionWeight: number) => {
    const level = this.#model.manifest.levels[at]
    const tables = this.#model.entropyModel.level(at)
    const symbols = new Int32Array(this.aim.length)
    const component = this.#components[at] ?? likelyComponent(this.aim, level, tables, symbols)
    const latent = withinReach(this.aim, level, tables, component)
    const curvature = this.#curvature.matrix
    const weight = distortionWeight * this.#bitsPerDistance(level)
    this.#search.best({ latent, step: level.steps[0], curvature, weight, tables, component }, symbols)
    this.#components[at] = tables.bestComponent(symbols)
    return { component: this.#components[at], symbols }
  }

  /** symbols: of a level. How much farther from the image they are than the aim. */
  expectedDistance(symbols: Int32Array, level: number): number {
    const errors = this.#errors
    dequantize(symbols, this.#model.manifest.levels[level], errors)
    for (let d = 0; d < errors.length; d++) errors[d] -= this.aim[d]
    return this.#curvature.distanceOf(errors)
  }

  /** So that a distance costs on average what the level's own weights make of it. */
  #bitsPerDistance({ steps, distortionBits }: Level): number {
    const bits = distortionBits.reduce((sum, each, d) => sum + each / steps[d] ** 2, 0)
    return bits / this.#curvature.trace
  }
}
