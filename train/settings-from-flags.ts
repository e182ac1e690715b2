import type { ImageShape } from '../shared/manifest.ts'
import { previewParameters, settingsFrom } from './networks/model-start.ts'
import type { FamilySettings, NetworkSettings } from './networks/network-settings.ts'
import { type corruptions, defaultAmount } from './objectives/corruption.ts'
import type { DistortionSettings } from './objectives/distortion.ts'
import type { ObjectiveName } from './objectives/losses.ts'
import { defaultRates, defaultSettings, type PresetName, presets } from './presets.ts'
import type { DataSettings, ObjectiveSettings, OptimizationSettings, RunSettings } from './settings.ts'
import { defaultSize, partsOfBatch } from './settings.ts'

/** The options of `train` that change settings; undefined if not given. */
export interface SettingFlags {
  preset?: PresetName
  from?: string
  seed?: number
  data?: string
  crops?: number
  size?: { height: number; width: number }
  grey?: boolean
  limit?: number
  validation?: number
  encoder?: FamilySettings['family']
  decoder?: FamilySettings['family']
  encoderWidths?: number[]
  decoderWidths?: number[]
  latent?: number
  linearPath?: boolean
  objective?: ObjectiveName
  corruption?: (typeof corruptions)[number]
  corruptionAmount?: number
  lambda?: number[]
  roundedFrom?: number
  levelsFrom?: number
  distortion?: DistortionSettings['distortion']
  chromaWeight?: number
  epochs?: number
  batch?: number
  lr?: number
  precision?: OptimizationSettings['precision']
  patience?: number
}

/** The model that --from names, or the preset; without either `mnist`, unless flags name networks, an objective or data. */
export function startingPoint(flags: SettingFlags): RunSettings {
  const { preset, from, encoder, decoder, objective, data } = flags
  if (from) return settingsFrom(from)
  if (preset) return presets[preset]
  const own = encoder || decoder || objective || data
  if (!own) return presets.mnist
  return defaultSettings(objective ?? (data ? 'rate-distortion' : 'ae'), sizeOf(flags))
}

/** Undefined without --size and --grey. */
function sizeOf({ size, grey }: SettingFlags, base: ImageShape = defaultSize): ImageShape | undefined {
  if (!size && !grey) return undefined
  return { ...(size ?? base), channels: grey ? 1 : base.channels }
}

const fixedByModel = [
  ...(['preset', 'size', 'grey', 'encoder', 'decoder', 'encoderWidths', 'decoderWidths'] as const),
  ...(['linearPath', 'objective', 'lambda'] as const),
]

/** Throws if the flags contradict one another. */
export function applyFlags(base: RunSettings, flags: SettingFlags): RunSettings {
  if (base.from) refuseForModel(base.from, base.networks, flags)
  const settings: RunSettings = {
    preset: base.preset,
    seed: flags.seed ?? base.seed,
    from: base.from,
    data: applyToData(base.data, flags),
    networks: applyToNetworks(base.networks, flags),
    objective: applyToObjective(base.objective, flags),
    optimization: applyToOptimization(base.optimization, flags),
  }
  checkSettings(settings)
  return settings
}

/** A preview keeps its dimensions and may get more, other networks keep their shape. */
function refuseForModel(from: string, networks: NetworkSettings, flags: SettingFlags): void {
  const reason = `the networks are those of the model ${from}`
  refuse(fixedByModel, flags, reason)
  if (networks.decoder.family !== 'dct') {
    refuse(['latent'], flags, reason)
    return
  }
  refuse(['epochs'], flags, `the dimensions of ${from} stay as they are`)
  const { latents } = previewParameters(from)
  if (flags.latent !== undefined && flags.latent <= latents)
    throw new Error(`--latent ${flags.latent}: expected more than the ${latents} of ${from}`)
}

function applyToData(base: DataSettings, flags: SettingFlags): DataSettings {
  return {
    ...base,
    source: flags.data ?? base.source,
    crops: flags.crops ?? base.crops,
    limit: flags.limit ?? base.limit,
    validation: flags.validation ?? base.validation,
    size: sizeOf(flags, base.size ?? defaultSize) ?? base.size,
  }
}

function applyToNetworks(base: NetworkSettings, flags: SettingFlags): NetworkSettings {
  const family = (own: FamilySettings, named: FamilySettings['family'] | undefined, widths?: number[]) => {
    const chosen = named && named !== own.family ? { family: named, widths: null } : own
    return { ...chosen, widths: widths ?? chosen.widths }
  }
  return {
    ...base,
    encoder: family(base.encoder, flags.encoder, flags.encoderWidths),
    decoder: family(base.decoder, flags.decoder, flags.decoderWidths),
    latent: flags.latent ?? base.latent,
    linearPath: flags.linearPath ?? base.linearPath,
  }
}

function applyToObjective(base: ObjectiveSettings, flags: SettingFlags): ObjectiveSettings {
  const name = flags.objective ?? base.name
  if (name === 'rate-distortion') return applyToRates(base, flags)
  refuse(
    ['lambda', 'roundedFrom', 'levelsFrom', 'distortion', 'chromaWeight'],
    flags,
    `the objective ${name} has no rate levels`,
  )
  if (name !== 'denoising') {
    refuse(['corruption', 'corruptionAmount'], flags, 'only --objective denoising corrupts images')
    return { name }
  }
  const before = base.name === 'denoising' ? base.corruption : undefined
  const kind = flags.corruption ?? before?.kind ?? 'gaussian'
  const amount = flags.corruptionAmount ?? (kind === before?.kind ? before.amount : defaultAmount[kind])
  return { name, corruption: { kind, amount } }
}

function applyToRates(base: ObjectiveSettings, flags: SettingFlags): ObjectiveSettings {
  const { lambda, roundedFrom, levelsFrom } = flags
  refuse(['corruption', 'corruptionAmount'], flags, 'only --objective denoising corrupts images')
  const rates = base.name === 'rate-distortion' ? base : defaultRates
  const lambdas = lambda && [...lambda].sort((a, b) => a - b)
  return {
    ...rates,
    name: 'rate-distortion',
    roundedFrom: roundedFrom ?? rates.roundedFrom,
    levelsFrom: levelsFrom ?? rates.levelsFrom,
    distortion: flags.distortion ?? rates.distortion,
    chromaWeight: flags.chromaWeight ?? rates.chromaWeight,
    steps: rates.steps,
    ...(lambdas && {
      lambdas,
      levelShares: lambdas.map(() => 1),
      defaultLevel: Math.floor(lambdas.length / 2),
    }),
  }
}

function applyToOptimization(base: OptimizationSettings, flags: SettingFlags): OptimizationSettings {
  return {
    ...base,
    epochs: flags.epochs ?? base.epochs,
    batch: flags.batch ?? base.batch,
    learningRate: flags.lr ?? base.learningRate,
    precision: flags.precision ?? base.precision,
    patience: flags.patience ?? base.patience,
  }
}

function refuse(names: readonly (keyof SettingFlags)[], flags: SettingFlags, reason: string): void {
  const given = names.find((name) => flags[name] !== undefined)
  if (given) throw new Error(`--${given.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}: ${reason}`)
}

function checkSettings({ objective, networks, optimization }: RunSettings): void {
  if (networks.latent < 1) throw new Error(`--latent ${networks.latent}: expected at least 1`)
  if (optimization.batch < 1) throw new Error(`--batch ${optimization.batch}: expected at least 1`)
  if (objective.name === 'rate-distortion' && objective.lambdas.length === 0)
    throw new Error('rate-distortion needs --lambda, for instance --lambda 30,100,300')
  const parts = partsOfBatch(objective)
  if (optimization.batch % parts)
    throw new Error(`--batch ${optimization.batch} must be a multiple of the rate levels' ${parts} shares`)
}
