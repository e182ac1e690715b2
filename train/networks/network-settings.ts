import type { DecoderFamily } from './families.ts'

export interface NetworkSettings {
  encoder: FamilySettings
  decoder: FamilySettings
  latent: number
  linearPath: boolean
  latentActivation: 'linear' | 'relu'
}

export interface FamilySettings {
  family: DecoderFamily
  widths: number[] | null // null: the family's own
}
