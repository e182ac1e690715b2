/** What results/families.json holds. */
import type { Family } from '../networks/families.ts'
import type { Corruption } from '../objectives/corruption.ts'
import type { ObjectiveName } from '../objectives/losses.ts'

export interface Entry {
  name: string
  encoder: Family
  decoder: Family
  objective: ObjectiveName
  corruption?: Corruption
  /** Not used in the other runs, since with it all families start at PCA's quality. */
  linearPath?: boolean
}

export interface FamilyResult extends Entry {
  parameters: number
  seconds: number
  testMse: number
  testPsnrDb: number
  /** denoising: the output's PSNR less the corrupted input's. */
  denoisingGainDb?: number
  /** vae: -ELBO in bits per dimension. */
  elboBitsPerDimension?: number
  /** rate-distortion: the ideal payload under the learned prior. */
  idealBytes?: number
  /** Layers or activations that keep the pair from the edge. */
  unsupportedOps: string[]
}

export interface FamilyResults {
  schema: 'families-1'
  backend: string
  budget: { images: number; epochs: number; batch: number }
  results: FamilyResult[]
}
